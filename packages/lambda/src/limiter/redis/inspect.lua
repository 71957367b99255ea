-- Tells how a key stands.
--
-- Reply  now, waiting, delivering, free places (-1: never asked), due time of the last in line (0: nobody waits),
--        hold (0: none), paused (1 or 0)
-- Cost   O(log n), n the length of the log or the line

local state = call('HMGET', state_key, 'last', 'skew', 'hold', 'paused', 'rules', 'unknown')
local now = time_after(state[1], state[2])
local hold, unknown_before = tonumber(state[3] or 0), tonumber(state[6] or 0)
if hold <= now then hold = 0 end

-- The rules as admission wrote them down: aging, number of windows, (limit, length, grain)…, (capacity, interval)…
local numbers = {}
for number in string.gmatch(state[5] or '', '%d+') do numbers[#numbers + 1] = tonumber(number) end
local free, at = numbers[1] and math.huge or -1, 3
for _ = 1, numbers[2] or 0 do
  local window = { limit = numbers[at], length = numbers[at + 1], grain = numbers[at + 2] }
  free = math.min(free, math.max(0, window.limit - stamps_after(window, now - window.length, unknown_before)))
  at = at + 3
end
while numbers[at] do
  local capacity, interval = numbers[at], numbers[at + 1]
  local full = math.max(now, tonumber(call('HGET', state_key, int(capacity) .. ':' .. int(interval)) or 0))
  free = math.min(free, math.max(0, math.floor((now + capacity * interval - full) / interval)))
  at = at + 2
end
if free > 0 and (hold > 0 or state[4]) then free = 0 end

local last_due = tonumber(call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2] or 0)
return { now, call('ZCARD', due_key), call('HLEN', flight_key), free, last_due, hold, state[4] and 1 or 0 }
