-- Makes a message final that is not being delivered: whoever asks about it later finds it dead.
--
-- ARGV   2 id  3 memory of records
-- Reply  1 when it was cancelled, 0 when it is final already or is being delivered
-- Cost   O(log waiters)

local state = call('HMGET', state_key, 'last', 'skew')
local now = time_after(state[1], state[2])
local record = read_records({ ARGV[2] })[1] or ''
if record == 'd' or record == 'x' then return 0 end
local kind, _, _, _, till = string.match(record, RECORD)
if kind == 'c' and now < tonumber(till) then return 0 end
leave_line(ARGV[2])
write_records({ ARGV[2], 'x' }, tonumber(ARGV[3]))
return 1
