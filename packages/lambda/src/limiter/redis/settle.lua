-- Records what became of claimed messages of one key, in one atomic step.
--
-- ARGV   2 memory of records  3 memory of usage  4 margin  5 length of the log  6 grains g, then g × grain, then per
--        settlement: id, token, outcome, delay, cost, the outcome one of delivered, dead, retry, release
-- Reply  1 per settlement that was recorded, 0 where the token is not the message's newest: then only its places count
-- Cost   O(log n) per settlement, n the length of the log

local remember, usage_memory, margin = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local log_length, grains = tonumber(ARGV[5]), {}
for i = 1, tonumber(ARGV[6]) do grains[i] = tonumber(ARGV[6 + i]) end
local first_arg = 7 + #grains
local ids = {}
for arg = first_arg, #ARGV, 5 do ids[#ids + 1] = ARGV[arg] end

local state = call('HMGET', state_key, 'hold', 'last', 'skew', 'memory')
local hold, now = tonumber(state[1] or 0), time_after(state[2], state[3])
usage_memory = math.max(usage_memory, tonumber(state[4] or 0))
local records = read_records(ids)
local somebody_waits = call('EXISTS', line_key) == 1

local ended_at = int(now - margin)
local replies, changes, ended, stamps, hold_until = {}, {}, {}, {}, hold

-- A delivery takes its places from its end on
local function end_delivery(token, cost)
  ended[#ended + 1] = token
  for taken = 0, log_length > 0 and cost - 1 or -1 do
    stamps[#stamps + 1], stamps[#stamps + 2] = ended_at, taken == 0 and token or int(token + taken)
  end
  if #grains > 0 then
    local from = string.match(call('HGET', flight_key, token) or '', FLIGHT)
    move_counts(grains, tonumber(from), now - margin, cost)
  end
end

for i, id in ipairs(ids) do
  local arg = first_arg + 5 * (i - 1)
  local token, outcome, delay = ARGV[arg + 1], ARGV[arg + 2], tonumber(ARGV[arg + 3])
  local kind, current, attempt, place, till, takeover, cost = string.match(records[i] or '', RECORD)
  if kind ~= 'c' or current ~= token then
    -- Of a release without a hold nothing was sent
    if outcome ~= 'release' or delay > 0 then end_delivery(token, tonumber(ARGV[arg + 4])) end
    replies[i] = 0
  else
    local record
    end_delivery(token, tonumber(cost))
    if outcome == 'delivered' or outcome == 'dead' then
      if somebody_waits then leave_line(id) end
      record = outcome == 'dead' and 'x' or 'd'
    else
      -- A release is no attempt: what an earlier claim left unknown still is
      local released = outcome == 'release'
      if released then hold_until = math.max(hold_until, now + delay) end
      record = table.concat({ 'r', token, released and int(attempt - 1) or attempt, place, int(now + delay),
        released and takeover or 0, cost, '' }, ':')
    end
    changes[#changes + 1], changes[#changes + 2] = id, record
    replies[i] = 1
  end
end

write_records(changes, remember)
if #ended > 0 then call('HDEL', flight_key, unpack(ended)) end
local function remember_usage(key)
  local memory = tonumber(ms(usage_memory + WAITER_GRACE))
  if call('PTTL', key) < memory then call('PEXPIRE', key, memory) end
end
if #stamps > 0 then
  call_with(stamps, 'ZADD', log_key, 'GT')
  remember_usage(log_key)
end
if #grains > 0 then remember_usage(counts_key) end
if hold_until > hold then
  call('HSET', state_key, 'hold', int(hold_until))
  local memory = tonumber(ms(math.max(usage_memory, hold_until - now) + WAITER_GRACE))
  if call('PTTL', state_key) < memory then call('PEXPIRE', state_key, memory) end
end
return replies
