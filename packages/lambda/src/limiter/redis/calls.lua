-- Deliveries under way, by the call that admitted them: field call:owner of the state is lease end:begun:messages:places.
-- The state counts all their places (flying), and no lease of theirs ends before `until`.

local CALL = '^(%d+):(%d+):(%d+):(%d+)$'
local calls = {}

local function read_call(field, value)
  local lease_end, begun, messages, places = string.match(value, CALL)
  return {
    field = field, lease_end = tonumber(lease_end), begun = tonumber(begun), messages = tonumber(messages),
    places = tonumber(places)
  }
end

local function all_calls()
  local fields, all = call('HGETALL', state_key), {}
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 5) == 'call:' then all[#all + 1] = read_call(fields[i], fields[i + 1]) end
  end
  return all
end

-- A call that has nothing under way has no messages
local function call_of(owner)
  local field = 'call:' .. owner
  calls[owner] = calls[owner] or read_call(field, call('HGET', state_key, field) or '0:0:0:0')
  return calls[owner]
end

-- Whether a message, claimed until `till`, was under way: one that was given up for lost does not count. It no longer is
local function leave_call(owner, till, cost)
  local one = call_of(owner)
  if one.messages == 0 or till <= one.begun then return false end
  one.messages, one.places = one.messages - 1, one.places - cost
  return true
end

-- One that was given up for lost is under way again. Returns how many places it takes that it did not take before
local function renew_call(owner, till, cost, now, lease_end)
  local one = call_of(owner)
  local lost = one.messages == 0 or till <= one.begun
  if one.messages == 0 then one.begun = now end
  one.lease_end = math.max(one.lease_end, lease_end)
  if not lost then return 0 end
  one.messages, one.places = one.messages + 1, one.places + cost
  return cost
end

-- A delivery that is known no more goes on, as a call by the name of its token
local function adopt_call(token, cost, now, lease_end) return renew_call(token, math.huge, cost, now, lease_end) end

-- Appends to `changes` of the state
local function write_calls(changes)
  for _, one in pairs(calls) do
    if one.messages == 0 then
      call('HDEL', state_key, one.field)
    else
      add(changes, one.field, int(one.lease_end) .. ':' .. int(one.begun) .. ':' .. one.messages .. ':' .. one.places)
    end
  end
end
