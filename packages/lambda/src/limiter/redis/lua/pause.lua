-- Pauses a key, or lets it go on.
--
-- ARGV   2 how long the pause lasts that nobody ends; 0 ends it
-- Reply  1

local state, time = read_state(0, { 'last', 'skew', 'hold', 'paused' }), tonumber(ARGV[2])
local now = time_after(state)
if time > 0 then
  call('HSET', state_key, 'paused', int(now + time))
  keep_state(state, time, now)
elseif state.paused > 0 then
  call('HDEL', state_key, 'paused')
  -- What was free during the pause has only been free since its end
  if now < state.paused then call('HSET', state_key, 'hold', int(max(state.hold, now))) end
  keep_state(state, HISTORY, now)
end
return 1
