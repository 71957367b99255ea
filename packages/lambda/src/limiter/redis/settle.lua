-- Records what became of claimed messages of one key, in one atomic step.
--
-- KEYS   1 state HASH  2 log ZSET  3 flight ZSET  4 line ZSET  5 due ZSET  6 generation  7… record STRING, one per settlement
-- ARGV   1 now (0: this server's clock)  2 memory of records  3 memory of usage  4 margin  5 grace of waiters
--        6 length of the log, then per settlement (id, token, outcome, delay), the outcome one of
--        delivered, dead, retry, release
-- Reply  1 per settlement that was recorded, 0 where the token is not the message's newest
-- Units  whole microseconds
-- Cost   one read and one write per settlement

local state_key, log_key, flight_key, line_key, due_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local remember, usage_memory, margin = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local grace, log_length = tonumber(ARGV[5]), tonumber(ARGV[6])

local state = call('HMGET', state_key, 'hold', 'last', 'skew')
local hold, now = tonumber(state[1]) or 0, time_after(state[2], state[3])

local function write(record_key, ...)
  call('SET', record_key, table.concat({ ... }, ':'), 'PX', ms(remember))
end

local replies, hold_until = {}, hold
for i = 1, #KEYS - 6 do
  local record_key = KEYS[6 + i]
  local argument = 3 + 4 * i
  local id, token, outcome, delay = ARGV[argument], ARGV[argument + 1], ARGV[argument + 2], tonumber(ARGV[argument + 3])
  local record = call('GET', record_key) or ''
  local kind, current, attempt, place, lease_end, takeover = string.match(record, '^(%a+):(%d+):(%d+):(%d+):(%d+):(%d):')
  if kind ~= 'claimed' or current ~= token then
    replies[i] = 0
  else
    call('ZREM', flight_key, token .. ':' .. lease_end)
    call('ZADD', log_key, 'GT', int(now - margin), token)
    if outcome == 'retry' then
      write(record_key, 'ready', token, attempt, place, int(now + delay), 0, '')
    elseif outcome == 'release' then
      hold_until = math.max(hold_until, now + delay)
      -- No attempt was made: what an earlier claim left unknown still is
      write(record_key, 'ready', token, int(attempt - 1), place, int(now + delay), takeover, '')
    else
      call('ZREM', line_key, id)
      call('ZREM', due_key, id)
      write(record_key, outcome, token, attempt, place, 0, 0, '')
    end
    replies[i] = 1
  end
end

call('ZREMRANGEBYRANK', log_key, 0, -1 - log_length)
local log_memory = tonumber(ms(usage_memory + grace))
if call('PTTL', log_key) < log_memory then call('PEXPIRE', log_key, log_memory) end
if hold_until > hold then
  call('HSET', state_key, 'hold', int(hold_until))
  local memory = tonumber(ms(math.max(usage_memory, hold_until - now) + grace))
  if call('PTTL', state_key) < memory then call('PEXPIRE', state_key, memory) end
end
return replies
