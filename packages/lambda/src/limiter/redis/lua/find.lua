-- Finds the state of one message.
--
-- ARGV   2 id  3 memory of settled records
-- Reply  now, then one of {'delivered'}, {'dead'}, {'delivering', attempt, lease end}, {'waiting', due, position,
--        attempts}, {'retrying', attempts, from}, {'condemned', attempts}, {'unknown'}
-- Cost   O(log waiters)

local id = ARGV[2]
local state = read_state(2, { 'rules', 'single', 'last', 'skew', 'unfinished', 'settled', 'lined' })
local now = time_after(state)
local record = read_records(open_pages(state, tonumber(ARGV[3]), now), { id })[1] or ''
if record == 'd' then return { now, { 'delivered' } } end
if record == 'x' then return { now, { 'dead' } } end
local _, _, condemned = string.match(record, VERDICT)
if condemned then return { now, { 'condemned', tonumber(condemned) } } end
local kind, _, attempt, _, till = string.match(record, RECORD)
if kind == 'c' and now < tonumber(till) then return { now, { 'delivering', tonumber(attempt), tonumber(till) } } end

local position = may_wait(state, now) and call('ZSCORE', queue_key, id)
if position then
  -- The rules as admission wrote them down begin with the aging
  local aging = tonumber(string.match(state.rules, '^%d+'))
  local due = floor(tonumber(call('ZSCORE', due_key, id) or now))
  return { now, { 'waiting', due, claimed_before(tonumber(position), aging), tonumber(attempt or 0) } }
end
if kind then return { now, { 'retrying', tonumber(attempt), tonumber(till) } } end
return { now, { 'unknown' } }
