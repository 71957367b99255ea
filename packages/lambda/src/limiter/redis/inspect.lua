-- Tells how a key stands.
--
-- Reply  now, waiting, delivering, free places (-1: never asked), due time of the last in line (0: nobody waits),
--        hold (0: none), paused (1 or 0)
-- Cost   O(log n), n the length of the log or the line

local state = call('HMGET', state_key, 'last', 'skew', 'hold', 'paused', 'rules', 'unknown', 'flying',
  'lined', unpack(USAGE_FIELDS))
local now = time_after(state[1], state[2])
read_usage(state, 8)
end_line(state[8], now)
local hold, unknown_before = tonumber(state[3] or 0), tonumber(state[6] or 0)
if hold <= now then hold = 0 end

-- The rules as admission wrote them down: aging, number of windows, (limit, length, exact)…, (capacity, interval)…
local numbers = {}
for number in string.gmatch(state[5] or '', '%d+') do numbers[#numbers + 1] = tonumber(number) end
local windows, buckets, at = {}, {}, 3
for i = 1, numbers[2] or 0 do
  windows[i] = { limit = numbers[at], length = numbers[at + 1], exact = numbers[at + 2] == 1 }
  at = at + 3
end
for first = at, #numbers, 2 do
  local capacity, interval = numbers[first], numbers[first + 1]
  local full = tonumber(call('HGET', state_key, int(capacity) .. ':' .. int(interval)) or 0)
  if unknown_before > 0 then full = math.max(full, unknown_before + capacity * interval) end
  buckets[#buckets + 1] = { capacity = capacity, interval = interval, full = full }
end
local flying, log_size = tonumber(state[7] or 0), call('ZCARD', log_key)
local free = numbers[1] and free_places(windows, buckets, now, flying, log_size, unknown_before) or -1
local paused = now < tonumber(state[4] or 0)
if free > 0 and (hold > 0 or paused) then free = 0 end

local last_due = tonumber(call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2] or 0)
local delivering = 0
for _, one in ipairs(all_calls()) do delivering = delivering + one.messages end
return { now, call('ZCARD', due_key), delivering, free, last_due, hold, paused and 1 or 0 }
