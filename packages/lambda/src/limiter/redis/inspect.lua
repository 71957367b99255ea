-- Tells how a key stands.
--
-- KEYS   1 state HASH  2 log ZSET  3 flight ZSET  4 line ZSET  5 due ZSET  6 generation
-- ARGV   1 now (0: this server's clock)
-- Reply  now, waiting, delivering, free places (-1: never asked), due time of the last in line (0: nobody waits),
--        hold (0: none), paused (1 or 0)
-- Cost   O(log n), n the length of the log or the line

local state = call('HMGET', KEYS[1], 'last', 'skew', 'hold', 'paused', 'rules', 'unknown')
local now = time_after(state[1], state[2])
local hold = tonumber(state[3]) or 0
if hold <= now then hold = 0 end

-- The rules as admission wrote them down: number of windows, then (limit, window)…, then (capacity, interval)…
local numbers = {}
for number in string.gmatch(state[5] or '', '%d+') do numbers[#numbers + 1] = tonumber(number) end
local free = numbers[1] and math.huge or -1
for i = 2, #numbers - 1, 2 do
  local most, time, rule = numbers[i], numbers[i + 1], i / 2
  local fits
  if rule <= numbers[1] then
    local unknown = (tonumber(state[6]) or 0) > now - time
    fits = unknown and 0 or most - call('ZCOUNT', KEYS[2], '(' .. int(now - time), '+inf')
  else
    local full = math.max(now, tonumber(call('HGET', KEYS[1], 'full' .. int(rule - numbers[1]))) or 0)
    fits = math.floor((now + most * time - full) / time)
  end
  free = math.min(free, math.max(0, fits))
end
if free > 0 and (hold > 0 or state[4]) then free = 0 end

local last_in_line = call('ZREVRANGE', KEYS[4], 0, 0)[1]
local last_due = last_in_line and tonumber(call('ZSCORE', KEYS[5], last_in_line)) or 0
return { now, call('ZCARD', KEYS[4]), call('ZCARD', KEYS[3]), free, last_due, hold, state[4] and 1 or 0 }
