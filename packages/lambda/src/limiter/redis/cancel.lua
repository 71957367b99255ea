-- Makes a message final that is not being delivered: whoever asks about it later finds it dead.
--
-- KEYS   1 state HASH  2 log ZSET  3 flight ZSET  4 line ZSET  5 due ZSET  6 generation  7 record STRING
-- ARGV   1 now (0: this server's clock)  2 id  3 memory of records
-- Reply  1 when it was cancelled, 0 when it is final already or is being delivered
-- Cost   O(log waiters)

local state = call('HMGET', KEYS[1], 'last', 'skew')
local now = time_after(state[1], state[2])
local kind, attempt, till = string.match(call('GET', KEYS[7]) or '', '^(%a+):%d+:(%d+):%d+:(%d+):')
if kind == 'delivered' or kind == 'dead' then return 0 end
if kind == 'claimed' and now < tonumber(till) then return 0 end
call('ZREM', KEYS[4], ARGV[2])
call('ZREM', KEYS[5], ARGV[2])
call('SET', KEYS[7], 'dead:0:' .. (attempt or 0) .. ':0:0:0:', 'PX', ms(tonumber(ARGV[3])))
return 1
