-- What every script begins with. Units: whole microseconds; they fit a double exactly.
--
-- KEYS   1 state HASH  2 log ZSET token → stamp  3 counts HASH stamp → places  4 line ZSET id → place
--        5 due ZSET id → due time  6 and 7 unfinished HASH id → record  8 and 9 settled HASH id → record
--        10 generation STRING of the shard
-- ARGV   1 now (0: this server's clock), then what each script names

local call, format = redis.call, string.format
local state_key, log_key, counts_key, line_key, due_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local generation_key = KEYS[10]
local PLACES_PER_PRIORITY, TICKET_EPOCH = 2251799813685248, 1577836800000000

-- Numbers as texts, for records and commands: Lua itself would write large ones with an exponent, and Redis is slow at it
local function int(number) return format('%d', number) end
local function ms(us) return int(math.ceil(us / 1000)) end

local function add(list, first, second)
  local length = #list
  list[length + 1], list[length + 2] = first, second
end

-- Gives a command a list of any length, of pairs: Lua passes some thousand values at most
local function call_with(pairs, ...)
  local head = { ... }
  for from = 1, #pairs, 1000 do
    local part = { unpack(head) }
    for i = from, math.min(from + 999, #pairs) do part[#part + 1] = pairs[i] end
    call(unpack(part))
  end
end

-- Prolongs the life of a key, never shortens it
local function keep(key, us)
  local time = ms(us)
  if call('PEXPIRE', key, time, 'GT') == 0 then call('PEXPIRE', key, time, 'NX') end
end

-- ARGV[1] is 0, or the time in tests
local function server_time()
  if ARGV[1] ~= '0' then return tonumber(ARGV[1]) end
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

local server_now = server_time()

-- The same for the state. Where the clock was carried on it lives as long as any record, whose instants are by that clock
local function keep_state(us, now)
  local is_carried = now > server_now
  keep(state_key, is_carried and math.max(us, 2 * UNFINISHED_MEMORY) or us)
end

-- A clock that steps back is carried on from where it stood. Changes take note of it
local function time_after(last, skew, changes)
  local now = math.max(server_now + (tonumber(skew) or 0), tonumber(last) or 0)
  if changes then
    add(changes, 'last', int(now))
    if now > server_now then add(changes, 'skew', int(now - server_now)) end
  end
  return now
end
