-- Records what became of claimed messages of one key, in one atomic step.
--
-- ARGV   2 memory of settled records  3 the longest time that the rules look at  4 how many deliveries exact windows look at
--        5 the shortest sub-bucket (0: none), then per settlement: id, token, outcome, delay, cost, the outcome one of
--        delivered, dead, retry, release, unused, condemned:attempts:verdict
-- Reply  1 per settlement that was recorded, 0 where the token is not the message's newest: then only its slots count
-- Cost   O(log n) per settlement, n the length of the log

local FIRST_SETTLEMENT, ids = 6, {}
for arg = FIRST_SETTLEMENT, #ARGV, 5 do ids[#ids + 1] = ARGV[arg] end

local state, changes = read_state(1, { 'single', 'hold', 'last', 'skew', 'flying', 'until', 'unfinished', 'settled',
  'lined', unpack(USAGE_FIELDS) }), {}
local now, hold = time_after(state, changes), state.hold
local usage = open_usage(state)
look_at(usage, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[3]))
local pages, in_flight = open_pages(state, tonumber(ARGV[2]), now), open_in_flight(state)
local records = read_records(pages, ids)
local somebody_waits = may_wait(state, now) and call('EXISTS', queue_key) == 1

-- What is begun anew here would hide that it was lost
if was_lost(usage, usage.span, now) then add(changes, 'cold', int(now)) end

local replies, unfinished, settled, finished = {}, {}, {}, {}
for i, id in ipairs(ids) do
  local arg = FIRST_SETTLEMENT + 5 * (i - 1)
  local token, outcome, record = ARGV[arg + 1], ARGV[arg + 2], records[i] or ''
  local kind, current, till, cost, stamp, owner = string.match(record, CLAIM)
  -- Of a claim that was not used nothing was sent
  local was_sent = outcome ~= 'unused'
  replies[i] = 1
  if outcome == 'dead' and string.match(record, VERDICT) == token then
    finished[#finished + 1] = id
    add(settled, id, 'x')
  elseif kind ~= 'c' or current ~= token then
    local known_cost = tonumber(ARGV[arg + 4])
    leave_call(in_flight, token, math.huge, known_cost)
    if was_sent then end_delivery(usage, token, known_cost, now, now) end
    replies[i] = 0
  else
    cost = tonumber(cost)
    leave_call(in_flight, owner, tonumber(till), cost)
    if was_sent then end_delivery(usage, token, cost, max(stamp, now), now) end
    if outcome == 'delivered' or outcome == 'dead' then
      if somebody_waits then leave_queue(id) end
      finished[#finished + 1] = id
      add(settled, id, outcome == 'dead' and 'x' or 'd')
    elseif string.sub(outcome, 1, 10) == 'condemned:' then
      if somebody_waits then leave_queue(id) end
      add(unfinished, id, 'v:' .. token .. ':' .. string.sub(outcome, 11))
    else
      local _, _, attempt, position, _, past = string.match(record, RECORD)
      local delay, is_attempt = tonumber(ARGV[arg + 3]), outcome == 'retry'
      -- A release is no attempt, nor is a claim that was not used: what an earlier claim left unknown still is
      past = is_attempt and past - past % 2 or past + (outcome == 'release' and 2 or 0)
      if outcome == 'release' then hold = max(hold, now + delay) end
      add(unfinished, id, format('r:%s:%d:%s:%d:%d:%d:%s:', token, is_attempt and attempt or attempt - 1, position,
        now + delay, past, cost, stamp))
    end
  end
end

remove_unfinished(pages, finished)
write_records(pages.unfinished, unfinished, now, changes)
write_records(pages.settled, settled, now, changes)
write_ended(usage, now)
tidy_usage(usage, now)
write_usage(usage, state, changes)
write_calls(in_flight, state, changes)
if hold > state.hold then add(changes, 'hold', int(hold)) end
call('HSET', state_key, unpack(changes))
keep_state(state, max(usage_kept(usage), hold - now), now)
return replies
