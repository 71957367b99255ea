-- Makes a message final that is not being delivered: whoever asks about it later finds it dead.
--
-- ARGV   2 id  3 memory of records
-- Reply  1 when it was cancelled, 0 when it is final already or is being delivered
-- Cost   O(log waiters)

local state = call('HMGET', state_key, 'last', 'skew', 'unfinished', 'settled', 'lined')
local now = time_after(state[1], state[2])
open_pages(UNFINISHED, UNFINISHED_MEMORY, state[3], now)
open_pages(SETTLED, tonumber(ARGV[3]), state[4], now)
local record = read_records({ ARGV[2] })[1] or ''
if record == 'd' or record == 'x' then return 0 end
local kind, _, _, _, till = string.match(record, RECORD)
if kind == 'c' and now < tonumber(till) then return 0 end
end_line(state[5], now)
leave_line(ARGV[2])
local changes = {}
remove_unfinished({ ARGV[2] })
write_records(SETTLED, { ARGV[2], 'x' }, changes)
if #changes > 0 then
  call('HSET', state_key, unpack(changes))
  keep_state(HISTORY + WAITER_GRACE, now)
end
return 1
