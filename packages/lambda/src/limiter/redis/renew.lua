-- Prolongs claims of one key, in one atomic step.
--
-- ARGV   2 memory of settled records  3 lease, then id, token and cost per claim
-- Reply  1 per claim that was prolonged, 0 where the token is not the message's newest: then its delivery counts as going
--        on if the message is unknown, otherwise as ending now
-- Cost   O(1) per claim

local remember, lease = tonumber(ARGV[2]), tonumber(ARGV[3])
local ids = {}
for arg = 4, #ARGV, 3 do ids[#ids + 1] = ARGV[arg] end

local state = call('HMGET', state_key, 'last', 'skew', 'flying', 'until', 'span', 'unfinished', 'settled')
local state_changes = {}
local now = time_after(state[1], state[2], state_changes)
local lease_end = now + lease
open_pages(UNFINISHED, UNFINISHED_MEMORY, state[6], now)
open_pages(SETTLED, remember, state[7], now)
local records, flying, until_time = read_records(ids), tonumber(state[3] or 0), tonumber(state[4] or 0)

local replies, changes, earliest = {}, {}, lease_end
for i, id in ipairs(ids) do
  local kind, token, attempt, place, till, takeover, cost, stamp, owner = string.match(records[i] or '', RECORD)
  if kind ~= 'c' or token ~= ARGV[2 + 3 * i] then
    local its_end = records[i] and now or lease_end
    flying = flying + adopt_call(ARGV[2 + 3 * i], tonumber(ARGV[3 + 3 * i]), now, its_end)
    earliest = math.min(earliest, its_end)
    replies[i] = 0
  else
    flying = flying + renew_call(owner, tonumber(till), tonumber(cost), now, lease_end)
    local record = { 'c', token, attempt, place, int(lease_end), takeover, cost, stamp, owner }
    add(changes, id, table.concat(record, ':'))
    replies[i] = 1
  end
end

write_records(UNFINISHED, changes, state_changes)
write_calls(state_changes)
if until_time == 0 or earliest < until_time then until_time = earliest end
call('HSET', state_key, 'flying', int(flying), 'until', int(until_time), unpack(state_changes))
keep_state(lease + math.max(HISTORY, tonumber(state[5] or 0)) + WAITER_GRACE, now)
return replies
