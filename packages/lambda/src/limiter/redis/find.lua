-- Tells where one message stands.
--
-- KEYS   1 state HASH  2 log ZSET  3 flight ZSET  4 line ZSET  5 due ZSET  6 generation  7 record STRING
-- ARGV   1 now (0: this server's clock)  2 id
-- Reply  now, then one of {'delivered'}, {'dead'}, {'delivering', attempt, lease end}, {'waiting', due, position},
--        {'retrying', attempt, from}, {'unknown'}
-- Cost   O(log waiters)

local state = call('HMGET', KEYS[1], 'last', 'skew')
local now = time_after(state[1], state[2])
local id = ARGV[2]
local kind, attempt, till = string.match(call('GET', KEYS[7]) or '', '^(%a+):%d+:(%d+):%d+:(%d+):')
if kind == 'delivered' or kind == 'dead' then return { now, { kind } } end
if kind == 'claimed' and now < tonumber(till) then return { now, { 'delivering', tonumber(attempt), tonumber(till) } } end
local position = call('ZRANK', KEYS[4], id)
if position then return { now, { 'waiting', tonumber(call('ZSCORE', KEYS[5], id)) or now, position } } end
if kind then return { now, { 'retrying', tonumber(attempt), tonumber(till) } } end
return { now, { 'unknown' } }
