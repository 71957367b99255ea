-- Records what became of claimed messages of one key, in one atomic step.
--
-- ARGV   2 memory of settled records  3 the longest time that the rules look at  4 how many deliveries exact windows look at
--        5 the shortest sub-bucket (0: none), then per settlement: id, token, outcome, delay, cost, the outcome one of
--        delivered, dead, retry, release, unused, condemned:attempts:verdict
-- Reply  1 per settlement that was recorded, 0 where the token is not the message's newest: then only its places count
-- Cost   O(log n) per settlement, n the length of the log

local remember, usage_memory = tonumber(ARGV[2]), tonumber(ARGV[3])
local first_arg = 6
local ids = {}
for arg = first_arg, #ARGV, 5 do ids[#ids + 1] = ARGV[arg] end

local state = call('HMGET', state_key, 'hold', 'last', 'skew', 'flying', 'unfinished', 'settled', 'lined', unpack(USAGE_FIELDS))
local state_changes = {}
local hold, now = tonumber(state[1] or 0), time_after(state[2], state[3], state_changes)
local flying = tonumber(state[4] or 0)
read_usage(state, 7)
look_at(tonumber(ARGV[4]), tonumber(ARGV[5]), usage_memory, state_changes)
open_pages(UNFINISHED, UNFINISHED_MEMORY, state[5], now)
open_pages(SETTLED, remember, state[6], now)
local records = read_records(ids)
end_line(state[7], now)
local somebody_waits = call('EXISTS', line_key) == 1

local replies, unfinished, settled, finished, hold_until = {}, {}, {}, {}, hold
for i, id in ipairs(ids) do
  local arg = first_arg + 5 * (i - 1)
  local token, outcome, delay = ARGV[arg + 1], ARGV[arg + 2], tonumber(ARGV[arg + 3])
  local kind, current, attempt, place, till, past, cost, stamp, owner = string.match(records[i] or '', RECORD)
  -- Of a claim that was not used nothing was sent
  local was_sent = outcome ~= 'unused'
  if outcome == 'dead' and string.match(records[i] or '', VERDICT) == token then
    finished[#finished + 1] = id
    add(settled, id, 'x')
    replies[i] = 1
  elseif kind ~= 'c' or current ~= token then
    local known_cost = tonumber(ARGV[arg + 4])
    if leave_call(token, math.huge, known_cost) then flying = flying - known_cost end
    if was_sent then end_delivery(token, known_cost, now, now) end
    replies[i] = 0
  else
    if leave_call(owner, tonumber(till), tonumber(cost)) then flying = flying - cost end
    if was_sent then end_delivery(token, tonumber(cost), math.max(tonumber(stamp), now), now) end
    if outcome == 'delivered' or outcome == 'dead' then
      if somebody_waits then leave_line(id) end
      finished[#finished + 1] = id
      add(settled, id, outcome == 'dead' and 'x' or 'd')
    elseif string.sub(outcome, 1, 10) == 'condemned:' then
      if somebody_waits then leave_line(id) end
      add(unfinished, id, 'v:' .. token .. ':' .. string.sub(outcome, 11))
    else
      -- A release is no attempt, nor is a claim that was not used: what an earlier claim left unknown still is
      local is_attempt = outcome == 'retry'
      past = is_attempt and past - past % 2 or past + (outcome == 'release' and 2 or 0)
      if outcome == 'release' then hold_until = math.max(hold_until, now + delay) end
      add(unfinished, id, table.concat({ 'r', token, is_attempt and attempt or int(attempt - 1), place, int(now + delay),
        int(past), cost, stamp, '' }, ':'))
    end
    replies[i] = 1
  end
end

remove_unfinished(finished)
write_records(UNFINISHED, unfinished, state_changes)
write_records(SETTLED, settled, state_changes)
-- What is begun anew here would hide that it was lost
if lost(log_key, usage.logged, usage.span, now) or lost(counts_key, usage.counted, usage.span, now) then
  add(state_changes, 'cold', int(now))
end
write_ended(now, state_changes)
if usage.logged == now or usage.counted == now then
  tidy_usage(now, usage.longest > 0 and call('ZCARD', log_key) or 0, state_changes)
end
write_calls(state_changes)
add(state_changes, 'flying', int(flying))
if hold_until > hold then add(state_changes, 'hold', int(hold_until)) end
call('HSET', state_key, unpack(state_changes))
keep_state(math.max(usage_kept(), hold_until - now) + WAITER_GRACE, now)
return replies
