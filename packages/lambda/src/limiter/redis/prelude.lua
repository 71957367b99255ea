#!lua
-- What every script begins with. Units: whole microseconds; they fit a double exactly.

local call = redis.call

local function int(number) return string.format('%d', number) end
local function ms(us) return int(math.ceil(us / 1000)) end

-- ARGV[1] is 0, or the time in tests
local function server_time()
  if ARGV[1] ~= '0' then return tonumber(ARGV[1]) end
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

-- A clock that steps back is carried on from where it stood
local function time_after(last, skew) return math.max(server_time() + (tonumber(skew) or 0), tonumber(last) or 0) end
