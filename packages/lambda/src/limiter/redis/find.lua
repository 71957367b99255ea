-- Tells where one message stands.
--
-- ARGV   2 id  3 memory of settled records
-- Reply  now, then one of {'delivered'}, {'dead'}, {'delivering', attempt, lease end}, {'waiting', due, position,
--        attempts}, {'retrying', attempts, from}, {'condemned', attempts}, {'unknown'}
-- Cost   O(log waiters)

local state = call('HMGET', state_key, 'last', 'skew', 'rules', 'unfinished', 'settled', 'lined')
local now = time_after(state[1], state[2])
open_pages(UNFINISHED, UNFINISHED_MEMORY, state[4], now)
open_pages(SETTLED, tonumber(ARGV[3]), state[5], now)
local id = ARGV[2]
local record = read_records({ id })[1] or ''
if record == 'd' then return { now, { 'delivered' } } end
if record == 'x' then return { now, { 'dead' } } end
local _, _, condemned = string.match(record, VERDICT)
if condemned then return { now, { 'condemned', tonumber(condemned) } } end
local kind, _, attempt, _, till = string.match(record, RECORD)
if kind == 'c' and now < tonumber(till) then return { now, { 'delivering', tonumber(attempt), tonumber(till) } } end
end_line(state[6], now)
local place = call('ZSCORE', line_key, id)
if place then
  local aging = tonumber(string.match(state[3] or '0', '^%d+'))
  local position = claimed_before(tonumber(place), aging, false)
  return { now, { 'waiting', math.floor(tonumber(call('ZSCORE', due_key, id) or now)), position, tonumber(attempt or 0) } }
end
if kind then return { now, { 'retrying', tonumber(attempt), tonumber(till) } } end
return { now, { 'unknown' } }
