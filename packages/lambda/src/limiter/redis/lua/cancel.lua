-- Makes a message final that is not being delivered: whoever asks about it later finds it dead.
--
-- ARGV   2 id  3 memory of settled records
-- Reply  1 when it was cancelled, 0 when it is final already or is being delivered
-- Cost   O(log waiters)

local id, changes = ARGV[2], {}
local state = read_state(1, { 'single', 'last', 'skew', 'unfinished', 'settled', 'lined' })
local now = time_after(state)
local pages = open_pages(state, tonumber(ARGV[3]), now)
local record = read_records(pages, { id })[1] or ''
if record == 'd' or record == 'x' then return 0 end
local kind, _, _, _, till = string.match(record, RECORD)
if kind == 'c' and now < tonumber(till) then return 0 end

if may_wait(state, now) then leave_queue(id) end
remove_unfinished(pages, { id })
write_records(pages.settled, { id, 'x' }, now, changes)
if #changes > 0 then
  call('HSET', state_key, unpack(changes))
  keep_state(state, HISTORY, now)
end
return 1
