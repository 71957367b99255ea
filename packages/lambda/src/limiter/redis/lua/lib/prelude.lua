-- What every script begins with. Units: whole microseconds; a double holds them exactly.
--
-- KEYS   1 state HASH  2 log ZSET token → stamp  3 counts HASH stamp → slots  4 line ZSET id → position
--        5 due ZSET id → due time  6 and 7 unfinished HASH id → record  8 and 9 settled HASH id → record
--        10 generation STRING of the shard
-- ARGV   1 now (0: this server's clock; below 0: the asker's, of a server that withholds it), then the arguments that each
--        script names

-- Names that `script.ts` replaces by what they stand for: constants in capitals; state_key, log_key, counts_key, queue_key,
-- due_key and generation_key for KEYS; call, format, max, min and floor for the functions of redis, string and math; and int
-- for a number as a text, since Lua itself would write large ones with an exponent, and Redis is slow at it.

-- ARGV[1] is 0, or the time in tests, or below 0
local server_now, is_askers = tonumber(ARGV[1]), false
if server_now == 0 then
  local time = redis.pcall('TIME')
  if time.err then return redis.error_reply('NOTIME ' .. time.err) end
  server_now = time[1] * 1000000 + time[2]
elseif server_now < 0 then
  server_now, is_askers = -server_now, true
end

local function ms(us) return int(math.ceil(us / 1000)) end

local function add(list, first, second)
  local length = #list
  list[length + 1], list[length + 2] = first, second
end

-- The state by the names of its fields. `texts`: how many of them, the first ones, are texts; the others are numbers
local function read_state(texts, names)
  local values = call('HMGET', state_key, unpack(names))
  -- Of the right size from the start, which is faster than to let it grow
  local state = {
    rules = '', buckets = '', single = '', ticket = 0, hold = 0, last = 0, skew = 0, cold = 0, paused = 0, unknown = 0,
    flying = 0, ['until'] = 0, assumed = 0, came = 0, unfinished = 0, settled = 0, lined = 0
  }
  for i = 1, texts do state[names[i]] = values[i] or '' end
  for i = texts + 1, #names do state[names[i]] = (values[i] or 0) + 0 end
  return state
end

-- A clock that steps back is carried on from where it stood. Changes of the state take note of it
local function time_after(state, changes)
  -- The clocks of askers are no one clock that steps back: the one that is most ahead counts, or time would run faster
  if is_askers then server_now, state.skew = max(server_now, state.last), 0 end
  local now = max(server_now + state.skew, state.last)
  if changes then
    add(changes, 'last', int(now))
    if now > server_now then add(changes, 'skew', int(now - server_now)) end
  end
  return now
end

-- Prolongs the life of a key, never shortens it. `is_new`: it is likely to have none yet, which costs one command less
local function keep(key, us, is_new)
  local time = ms(us)
  if call('PEXPIRE', key, time, is_new and 'NX' or 'GT') == 0 then
    call('PEXPIRE', key, time, is_new and 'GT' or 'NX')
  end
end

-- The same for the state. Where the clock was carried on it lives as long as any record, whose instants are by that clock
local function keep_state(state, us, now)
  if now > server_now then us = max(us, 2 * UNFINISHED_MEMORY) end
  keep(state_key, us + WAITER_GRACE, state.last == 0)
end
