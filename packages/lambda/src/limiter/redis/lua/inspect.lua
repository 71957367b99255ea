-- Finds the state of a key.
--
-- Reply  now, waiting, delivering, free slots (-1: never asked), due time of the last waiter (0: nobody waits), hold (0:
--        none), paused (1 or 0)
-- Cost   O(log n), n the length of the log or the queue

local state = read_state(1, { 'rules', 'last', 'skew', 'hold', 'paused', 'unknown', 'flying', 'until', 'lined',
  unpack(USAGE_FIELDS) })
local now = time_after(state)
local usage, in_flight = open_usage(state), open_in_flight(state)
local hold, paused = state.hold > now and state.hold or 0, now < state.paused

-- The rules as admission wrote them down: aging, number of windows, (limit, length, exact)…, (capacity, interval)…
local numbers, rules = {}, { windows = {}, buckets = {} }
for number in string.gmatch(state.rules, '%d+') do numbers[#numbers + 1] = tonumber(number) end
local first_bucket = 3 + 3 * (numbers[2] or 0)
for at = 3, first_bucket - 1, 3 do
  add(rules.windows, { limit = numbers[at], length = numbers[at + 1], exact = numbers[at + 2] == 1 })
end
for at = first_bucket, #numbers, 2 do
  local bucket = { capacity = numbers[at], interval = numbers[at + 1] }
  local full = tonumber(call('HGET', state_key, int(bucket.capacity) .. ':' .. int(bucket.interval)) or 0)
  bucket.full = max(full, empty_until(bucket, state.unknown))
  add(rules.buckets, bucket)
end

local free = -1
if numbers[2] then
  free = (hold > 0 or paused) and 0 or free_slots(rules, usage, in_flight, now, state.unknown)
end
local delivering, waiting, last_due = 0, 0, 0
for _, one in ipairs(all_calls()) do delivering = delivering + one.messages end
if may_wait(state, now) then
  waiting = call('ZCARD', due_key)
  last_due = tonumber(call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2] or 0)
end
return { now, waiting, delivering, free, last_due, hold, paused and 1 or 0 }
