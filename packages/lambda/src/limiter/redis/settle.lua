-- Records what became of claimed messages of one key, in one atomic step.
--
-- ARGV   2 memory of records  3 memory of usage  4 margin  5 length of the log  6 grains g, then g × grain, then per
--        settlement: id, token, outcome, delay, cost, the outcome one of delivered, dead,
--        retry, release, condemned:attempts:verdict
-- Reply  1 per settlement that was recorded, 0 where the token is not the message's newest: then only its places count
-- Cost   O(log n) per settlement, n the length of the log

local remember, usage_memory, margin = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local log_length, grains = tonumber(ARGV[5]), {}
for i = 1, tonumber(ARGV[6]) do grains[i] = tonumber(ARGV[6 + i]) end
local first_arg = 7 + #grains
local ids = {}
for arg = first_arg, #ARGV, 5 do ids[#ids + 1] = ARGV[arg] end

local state = call('HMGET', state_key, 'hold', 'last', 'skew', 'memory', 'longest', 'flying', 'logged', 'counted')
local state_changes = {}
local hold, now = tonumber(state[1] or 0), time_after(state[2], state[3], state_changes)
usage_memory = math.max(usage_memory, tonumber(state[4] or 0))
local flying = tonumber(state[6] or 0)
local records = read_records(ids)
local somebody_waits = call('EXISTS', line_key) == 1

local replies, changes, hold_until = {}, {}, hold
for i, id in ipairs(ids) do
  local arg = first_arg + 5 * (i - 1)
  local token, outcome, delay = ARGV[arg + 1], ARGV[arg + 2], tonumber(ARGV[arg + 3])
  local kind, current, attempt, place, till, past, cost, stamp, owner = string.match(records[i] or '', RECORD)
  if outcome == 'dead' and string.match(records[i] or '', VERDICT) == token then
    add(changes, id, 'x')
    replies[i] = 1
  elseif kind ~= 'c' or current ~= token then
    local known_cost = tonumber(ARGV[arg + 4])
    if leave_call(token, math.huge, known_cost) then flying = flying - known_cost end
    -- Of a release without a hold nothing was sent
    if outcome ~= 'release' or delay > 0 then end_delivery(token, known_cost, now - margin) end
    replies[i] = 0
  else
    local record
    if leave_call(owner, tonumber(till), tonumber(cost)) then flying = flying - cost end
    end_delivery(token, tonumber(cost), math.max(tonumber(stamp), now - margin))
    if outcome == 'delivered' or outcome == 'dead' then
      if somebody_waits then leave_line(id) end
      record = outcome == 'dead' and 'x' or 'd'
    elseif string.sub(outcome, 1, 10) == 'condemned:' then
      if somebody_waits then leave_line(id) end
      record = 'v:' .. token .. ':' .. string.sub(outcome, 11)
    else
      -- A release is no attempt: what an earlier claim left unknown still is
      local released = outcome == 'release'
      past = released and past + (delay > 0 and 2 or 0) or past - past % 2
      if released then hold_until = math.max(hold_until, now + delay) end
      record = table.concat({ 'r', token, released and int(attempt - 1) or attempt, place, int(now + delay),
        int(past), cost, stamp, '' }, ':')
    end
    add(changes, id, record)
    replies[i] = 1
  end
end

write_records(changes, remember)
local memory = usage_memory + WAITER_GRACE
-- What is begun anew here would hide that it was lost
if lost(log_key, state[7], usage_memory, now) or lost(counts_key, state[8], usage_memory, now) then
  add(state_changes, 'cold', int(now))
end
write_ended(math.max(log_length, tonumber(state[5] or 0)), grains, now, memory, state_changes)
write_calls(state_changes)
add(state_changes, 'flying', int(flying))
if hold_until > hold then add(state_changes, 'hold', int(hold_until)) end
call('HSET', state_key, unpack(state_changes))
keep(state_key, math.max(memory, hold_until - now + WAITER_GRACE))
return replies
