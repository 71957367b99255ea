-- Pauses a key, or lets it go on.
--
-- ARGV   2 how long the pause lasts that nobody ends; 0 ends it
-- Reply  1

local state = call('HMGET', state_key, 'last', 'skew', 'hold', 'paused')
local now, time = time_after(state[1], state[2]), tonumber(ARGV[2])
if time > 0 then
  call('HSET', state_key, 'paused', int(now + time))
  keep_state(time + WAITER_GRACE, now)
elseif state[4] then
  call('HDEL', state_key, 'paused')
  -- What was free during the pause has only been free since its end
  if now < tonumber(state[4]) then call('HSET', state_key, 'hold', int(math.max(tonumber(state[3] or 0), now))) end
  keep_state(HISTORY + WAITER_GRACE, now)
end
return 1
