-- Decides, in one atomic step, which candidates of one key may be delivered now. The memory
-- limiter says the same in TypeScript; a random test compares the two.
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
  if known ~= server then
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

-- Waiters that did not come back lose their place

local waiters = call('ZCARD', line_key)
if waiters > 0 then
  local asking = {}
  for _, candidate in ipairs(candidates) do asking[candidate.id] = true end
  local overdue = call('ZRANGEBYSCORE', due_key, '-inf', '(' .. int(now - grace), 'LIMIT', 0, most_forgotten)
  for _, id in ipairs(overdue) do
    if not asking[id] then
      call('ZREM', line_key, id)
      call('ZREM', due_key, id)
      waiters = waiters - 1
    end
  end
end

-- Deliveries that are about to leave a window although they are still under way count as ending now; those
-- that outlast their lease, as ending with it

local overdue_flights = call('ZRANGEBYSCORE', flight_key, '-inf', int(now - shortest))
for _, flight in ipairs(overdue_flights) do
  local token, lease_end = string.match(flight, '^(%d+):(%d+)$')
  lease_end = tonumber(lease_end)
  local stamp = int(math.min(now, lease_end) - margin)
  call('ZADD', log_key, 'GT', stamp, token)
  if lease_end <= now then call('ZREM', flight_key, flight) else call('ZADD', flight_key, 'GT', stamp, flight) end
end
if #overdue_flights > 0 then call('PEXPIRE', log_key, ms(lease + usage_memory + grace)) end

-- Free places: the smallest number over all rules

local function free_in_window(window)
  if unknown_before > now - window.length then return 0 end
  return window.limit - call('ZCOUNT', log_key, '(' .. int(now - window.length), '+inf')
end

local function free_in_bucket(bucket)
  return math.floor((now + bucket.capacity * bucket.interval - bucket.full) / bucket.interval)
end

local free = now < hold and 0 or #candidates + waiters
for _, window in ipairs(windows) do free = math.min(free, free_in_window(window)) end
for _, bucket in ipairs(buckets) do free = math.min(free, free_in_bucket(bucket)) end
free = math.max(0, free)

-- What is known of each candidate

local record_keys, ids = {}, {}
for i, candidate in ipairs(candidates) do record_keys[i], ids[i] = candidate.record_key, candidate.id end
local records = call('MGET', unpack(record_keys))
local places = waiters > 0 and call('ZMSCORE', line_key, unpack(ids)) or {}
for i, candidate in ipairs(candidates) do
  local record = records[i]
  if record then
    local kind, token, attempt, place, till, takeover, holder =
      string.match(record, '^(%a+):(%d+):(%d+):(%d+):(%d+):(%d):(.*)$')
    candidate.takeover = tonumber(takeover)
    candidate.kind, candidate.token, candidate.attempt = kind, tonumber(token), tonumber(attempt)
    candidate.place, candidate.till, candidate.holder = tonumber(place), tonumber(till), holder
  end
  candidate.waits = places[i] and true or false
  candidate.place = tonumber(places[i] or nil) or candidate.place
  candidate.order = candidate.place or (candidate.first + PLACES_PER_PRIORITY - 1)
end
local function goes_before(a, b)
  if a.order ~= b.order then return a.order < b.order end
  return a.index < b.index
end
for i = 2, #candidates do
  if goes_before(candidates[i], candidates[i - 1]) then
    table.sort(candidates, goes_before)
    break
  end
end

-- Decisions

local function waiters_before(place)
  if waiters == 0 then return 0 end
  return call('ZCOUNT', line_key, '-inf', '(' .. int(place))
end

local function waiters_ahead(candidate)
  if waiters == 0 then return 0 end
  if candidate.waits and (tonumber(call('ZSCORE', due_key, candidate.id)) or now) <= now then
    return waiters_before(candidate.first)
  end
  return waiters_before(candidate.place or (candidate.first + PLACES_PER_PRIORITY))
end

local function place_of(candidate)
  return candidate.place or (candidate.first + new_ticket() - TICKET_EPOCH)
end

-- The stamp that must leave the window before the admission number `place` from now, if there is one
local function last_stamp(window, place)
  local index = window.limit - 1 - place % window.limit
  local stamp = tonumber(call('ZREVRANGE', log_key, index, index, 'WITHSCORES')[2])
  if unknown_before > 0 then return math.max(unknown_before, stamp or 0) end
  return stamp
end

-- The stamps that left the window to make room, in one read: the first grant takes the place of the oldest
local most_grants = math.min(free, #candidates)
local function left_stamp(window, grants)
  if not window.left then
    local from = math.max(0, window.limit - most_grants)
    window.left, window.left_from = call('ZREVRANGE', log_key, from, window.limit - 1, 'WITHSCORES'), from
  end
  local stamp = tonumber(window.left[2 * (window.limit - grants - window.left_from)]) or 0
  return math.max(stamp, unknown_before)
end

-- A place that is used within the margin of becoming free keeps its rhythm
local function new_stamp(grants)
  local since = 0
  for _, window in ipairs(windows) do since = math.max(since, left_stamp(window, grants) + window.length) end
  return since >= now - margin and since or now
end

local log_additions, flight_additions = {}, {}
local lease_end, remember_ms = int(now + lease), ms(remember)

local function grant(candidate, grants)
  local stamp = int(new_stamp(grants))
  local place, token, attempt = place_of(candidate), new_ticket(), (candidate.attempt or 0) + 1
  if candidate.waits then
    call('ZREM', line_key, candidate.id)
    call('ZREM', due_key, candidate.id)
    waiters = waiters - 1
  end
  local takeover, token_text = candidate.kind == 'claimed' and 1 or 0, int(token)
  local record = string.format('claimed:%s:%d:%d:%s:%d:%s', token_text, attempt, place, lease_end, takeover, owner)
  call('SET', candidate.record_key, record, 'PX', remember_ms)
  log_additions[2 * grants + 1], log_additions[2 * grants + 2] = stamp, token_text
  flight_additions[2 * grants + 1], flight_additions[2 * grants + 2] = stamp, token_text .. ':' .. lease_end
  return { 'granted', token, attempt, takeover, now + lease }
end

local function join_line(candidate)
  if not candidate.waits then
    candidate.place = place_of(candidate)
    call('ZADD', line_key, int(candidate.place), candidate.id)
    waiters = waiters + 1
  end
  if candidate.kind then call('PEXPIRE', candidate.record_key, remember_ms) end
  candidate.joined = true
end

local replies, left = { now }, free
for _, candidate in ipairs(candidates) do
  local reply
  if candidate.kind == 'delivered' or candidate.kind == 'dead' then
    reply = { 'settled', candidate.kind }
  elseif candidate.kind and now < candidate.till then
    -- A command sent again after its reply was lost finds its own claim: the same answer, no second charge.
    local own = candidate.kind == 'claimed' and candidate.holder == owner
    reply = { 'busy', candidate.till }
    if own then reply = { 'granted', candidate.token, candidate.attempt, candidate.takeover, candidate.till } end
  elseif waiters_ahead(candidate) < left then
    reply = grant(candidate, free - left)
    left = left - 1
  else
    join_line(candidate)
  end
  replies[candidate.index + 1] = reply
end

if left < free then
  newest = now
  call('ZADD', log_key, unpack(log_additions))
  call('ZADD', flight_key, unpack(flight_additions))
  call('ZREMRANGEBYRANK', log_key, 0, -1 - log_length)
  call('PEXPIRE', log_key, ms(lease + usage_memory + grace))
  call('PEXPIRE', flight_key, ms(lease + usage_memory + grace))
end
for _, bucket in ipairs(buckets) do bucket.full = bucket.full + (free - left) * bucket.interval end

-- Due times, now that everybody of this call has a place

local function place_due(start, place)
  local due = start
  for _, window in ipairs(windows) do
    local stamp = last_stamp(window, place)
    local first = stamp and math.max(start, stamp + window.length) or start
    due = math.max(due, first + math.floor(place / window.limit) * window.length)
  end
  for _, bucket in ipairs(buckets) do
    due = math.max(due, math.max(start, bucket.full) + (place + 1 - bucket.capacity) * bucket.interval)
  end
  return due
end

local due_additions = {}
for _, candidate in ipairs(candidates) do
  if candidate.joined then
    local position = waiters_before(candidate.place)
    local due = place_due(math.max(now, hold), position)
    due_additions[#due_additions + 1], due_additions[#due_additions + 2] = int(due), candidate.id
    replies[candidate.index + 1] = { 'wait', due, position }
  end
end

if #due_additions > 0 then call('ZADD', due_key, unpack(due_additions)) end

-- Nothing stays for ever

local line_memory = 0
if waiters > 0 then
  local latest = call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2]
  line_memory = math.max(0, tonumber(latest) - now) + grace
  call('PEXPIRE', line_key, ms(line_memory))
  call('PEXPIRE', due_key, ms(line_memory))
end
local update = { 'ticket', int(ticket), 'last', int(now), 'skew', int(skew), 'newest', int(newest), 'cold', int(cold),
  'unknown', int(unknown_before),
  'rules', ARGV[10] .. ',' .. table.concat(ARGV, ',', 14, 13 + 2 * (#windows + #buckets)) }
for i, bucket in ipairs(buckets) do
  update[#update + 1] = 'full' .. i
  update[#update + 1] = int(bucket.full)
end
call('HSET', state_key, unpack(update))
local pause_memory = paused and tonumber(ARGV[13]) or 0
call('PEXPIRE', state_key, ms(math.max(usage_memory, line_memory, pause_memory, hold - now) + grace))
return replies
