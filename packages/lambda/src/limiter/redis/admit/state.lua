-- Decides, in one atomic step, which candidates of one key may be delivered now. The memory
-- limiter says the same in TypeScript; a random test compares the two. The script has three parts: what it
-- works with (this one), which places are free (places.lua), and who gets them (decide.lua).
--
-- KEYS   1 state HASH  2 log ZSET token → stamp  3 flight ZSET token:lease end → stamp
--        4 line ZSET id → place  5 due ZSET id → due time  6 generation STRING of the shard
--        7… record STRING, one per candidate
-- ARGV   1 now (0: this server's clock)  2 owner of this call  3 lease  4 memory of records
--        5 memory of usage  6 margin  7 grace of waiters  8 most waiters forgotten  9 cold start (empty or full)
--        10 windows w  11 buckets b  12 hold of a paused key  13 memory of a pause
--        then w × (limit, window), b × (capacity, interval), then per candidate (id, first place)
-- Reply  now, then per candidate one of {'granted', token, attempt, takeover, lease end}, {'wait', due, position},
--        {'busy', retry}, {'settled', 'delivered' | 'dead'}
-- Units  whole microseconds everywhere; they fit a double exactly
-- Cost   O(log n) per window and per candidate, n the length of the log or the line

local state_key, log_key, flight_key, line_key, due_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local generation_key, owner = KEYS[6], ARGV[2]
local lease, remember, usage_memory = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local margin, grace, most_forgotten = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local PLACES_PER_PRIORITY, TICKET_EPOCH = 2251799813685248, 1577836800000000

-- Arguments

local windows, buckets, candidates, log_length, shortest, next_arg = {}, {}, {}, 0, usage_memory, 14
for i = 1, tonumber(ARGV[10]) do
  windows[i] = { limit = tonumber(ARGV[next_arg]), length = tonumber(ARGV[next_arg + 1]) }
  log_length = math.max(log_length, windows[i].limit)
  shortest = math.min(shortest, windows[i].length)
  next_arg = next_arg + 2
end
local state_fields = { 'ticket', 'hold', 'last', 'skew', 'newest', 'cold', 'paused' }
for i = 1, tonumber(ARGV[11]) do
  buckets[i] = { capacity = tonumber(ARGV[next_arg]), interval = tonumber(ARGV[next_arg + 1]) }
  state_fields[7 + i] = 'full' .. i
  next_arg = next_arg + 2
end
for i = 1, #KEYS - 6 do
  candidates[i] = { index = i, id = ARGV[next_arg], first = tonumber(ARGV[next_arg + 1]), record_key = KEYS[6 + i] }
  next_arg = next_arg + 2
end

-- State and time: a clock that steps back is carried on from where it stood

local state = call('HMGET', state_key, unpack(state_fields))
local ticket, hold = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local last, skew = tonumber(state[3]) or 0, tonumber(state[4]) or 0
local server_now = server_time()
skew = skew + math.max(0, last - (server_now + skew))
local now = server_now + skew

local function new_ticket()
  ticket = math.max(ticket + 1, now)
  return ticket
end

-- A paused key is held a while longer with every question
local paused = state[7]
if paused then hold = math.max(hold, now + tonumber(ARGV[12])) end

-- What a server that is new, was replaced or evicts keys may have forgotten counts as used up when that was noticed

local newest, cold, unknown_before = tonumber(state[5]) or 0, tonumber(state[6]) or 0, 0

local function evictions() return string.match(call('INFO', 'stats'), 'evicted_keys:(%d+)') end

if ARGV[9] == 'empty' then
  local server = string.match(call('INFO', 'replication'), 'master_replid:(%x+)')
  local known, since, evicted = string.match(call('GETEX', generation_key, 'EX', 2592000) or '', '^(%x+):(%d+):(%d+)$')
  -- A clock that stepped back must not make the past reach into the future
  if known ~= server or tonumber(since) > server_now then
    since, evicted = int(server_now), evictions()
    call('SET', generation_key, server .. ':' .. since .. ':' .. evicted, 'EX', 2592000)
  end
  local log_lost = log_length > 0 and newest + usage_memory > now and call('EXISTS', log_key) == 0
  if log_lost or (not state[3] and evictions() ~= evicted) then cold = now end
  unknown_before = math.max(tonumber(since) + skew, cold)
end
for i, bucket in ipairs(buckets) do
  local unknown = unknown_before > 0 and unknown_before + bucket.capacity * bucket.interval or 0
  bucket.full = math.max(now, unknown, tonumber(state[7 + i]) or 0)
end
