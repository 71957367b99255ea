-- Deliveries in flight, by the call that admitted them: field call:owner of the state is lease end:begun:messages:slots.
-- `in_flight` has the slots that all of them take (field `flying`), an instant before which no lease of theirs ends (field
-- `until`, 0: none is in flight), and the calls that were read, by owner.

local function open_in_flight(state) return { slots = state.flying, earliest_end = state['until'], calls = {} } end

local function read_call(field, value)
  local lease_end, begun, messages, slots = string.match(value, '^(%d+):(%d+):(%d+):(%d+)$')
  return {
    field = field, lease_end = tonumber(lease_end), begun = tonumber(begun), messages = tonumber(messages),
    slots = tonumber(slots)
  }
end

local function all_calls()
  local fields, all = call('HGETALL', state_key), {}
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 5) == 'call:' then all[#all + 1] = read_call(fields[i], fields[i + 1]) end
  end
  return all
end

-- A call that has nothing in flight has no messages
local function call_of(in_flight, owner)
  local known = in_flight.calls[owner]
  if known then return known end
  local field = 'call:' .. owner
  known = read_call(field, call('HGET', state_key, field) or '0:0:0:0')
  in_flight.calls[owner] = known
  return known
end

-- Whether a message, claimed until `till`, was in flight: one that was given up for lost does not count. It no longer is
local function leave_call(in_flight, owner, till, cost)
  local one = call_of(in_flight, owner)
  if one.messages == 0 or till <= one.begun then return false end
  -- The last one leaves nothing behind, whatever cost it is said to have
  if one.messages == 1 then cost = one.slots end
  one.messages, one.slots = one.messages - 1, one.slots - cost
  in_flight.slots = in_flight.slots - cost
  return true
end

-- The lease of a delivery in flight ends then
local function expect_end(in_flight, lease_end)
  local earliest = in_flight.earliest_end
  if earliest == 0 or lease_end < earliest then in_flight.earliest_end = lease_end end
end

-- Appends to `changes` of the state
local function write_calls(in_flight, state, changes)
  for _, one in pairs(in_flight.calls) do
    if one.messages == 0 then
      call('HDEL', state_key, one.field)
    else
      add(changes, one.field, format('%d:%d:%d:%d', one.lease_end, one.begun, one.messages, one.slots))
    end
  end
  if in_flight.slots ~= state.flying then add(changes, 'flying', int(in_flight.slots)) end
  if in_flight.earliest_end ~= state['until'] then add(changes, 'until', int(in_flight.earliest_end)) end
end
