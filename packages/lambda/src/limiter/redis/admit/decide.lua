-- Third part of admission: gives the free places to who goes first, tells the others when to come back, and
-- writes everything down.

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
  local takeover, token_text = candidate.kind == 'claimed' and 1 or candidate.takeover or 0, int(token)
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
