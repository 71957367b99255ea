-- Prolongs claims of one key, in one atomic step.
--
-- KEYS   1 state HASH  2 log ZSET  3 flight ZSET  4 line ZSET  5 due ZSET  6 generation  7… record STRING, one per claim
-- ARGV   1 now (0: this server's clock)  2 memory of records  3 margin  4 lease, then one token per claim
-- Reply  1 per claim that was prolonged, 0 where the token is not the message's newest
-- Units  whole microseconds
-- Cost   one read and one write per claim

local state_key, flight_key = KEYS[1], KEYS[3]
local remember, margin, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local state = call('HMGET', state_key, 'last', 'skew')
local now = time_after(state[1], state[2])

local replies = {}
for i = 1, #KEYS - 6 do
  local record_key, token = KEYS[6 + i], ARGV[4 + i]
  local record = call('GET', record_key) or ''
  local kind, current, attempt, place, till, rest = string.match(record, '^(%a+):(%d+):(%d+):(%d+):(%d+):(.*)$')
  if kind ~= 'claimed' or current ~= token then
    replies[i] = 0
  else
    -- One that was given up for lost is under way again
    local stamp = call('ZSCORE', flight_key, token .. ':' .. till) or int(now - margin)
    local lease_end = int(now + lease)
    call('ZREM', flight_key, token .. ':' .. till)
    call('ZADD', flight_key, stamp, token .. ':' .. lease_end)
    call('PEXPIRE', flight_key, ms(lease + remember))
    record = table.concat({ kind, token, attempt, place, lease_end, rest }, ':')
    call('SET', record_key, record, 'PX', ms(remember))
    replies[i] = 1
  end
end
return replies
