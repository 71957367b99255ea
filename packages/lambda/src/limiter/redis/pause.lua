-- Pauses a key, or lets it go on.
--
-- KEYS   1 state HASH
-- ARGV   1 now (unused)  2 memory of a pause; 0 ends it
-- Reply  1

if ARGV[2] == '0' then
  call('HDEL', KEYS[1], 'paused')
else
  call('HSET', KEYS[1], 'paused', 1)
  call('PEXPIRE', KEYS[1], ms(tonumber(ARGV[2])))
end
return 1
