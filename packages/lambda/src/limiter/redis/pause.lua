-- Pauses a key, or lets it go on.
--
-- ARGV   2 memory of a pause; 0 ends it
-- Reply  1

if ARGV[2] == '0' then
  call('HDEL', state_key, 'paused')
else
  call('HSET', state_key, 'paused', 1)
  keep(state_key, tonumber(ARGV[2]))
end
return 1
