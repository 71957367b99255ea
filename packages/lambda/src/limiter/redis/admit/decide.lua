-- Third part of admission: gives the free places to who goes first, tells the others when to come back, and
-- writes everything down.

-- What is known of each candidate

local messages_waiting = waiters > 0 and call('ZCARD', due_key) or 0
local records = read_records(ids)
local places = waiters > 0 and call('ZMSCORE', line_key, unpack(ids)) or {}
local newcomer = math.max(ticket + 1, now) - TICKET_EPOCH
local function order_of(place)
  if aging == 0 then return place end
  return place % PLACES_PER_PRIORITY + math.floor(place / PLACES_PER_PRIORITY) * aging
end
local sorted = true
for i, candidate in ipairs(candidates) do
  local record = records[i]
  if record then
    candidate.kind = string.sub(record, 1, 1)
    if #record > 1 then
      local _, token, attempt, place, till, takeover, cost, holder = string.match(record, RECORD)
      candidate.token, candidate.attempt, candidate.place = tonumber(token), tonumber(attempt), tonumber(place)
      candidate.till, candidate.takeover, candidate.holder = tonumber(till), tonumber(takeover), holder
      candidate.record = record
    end
  end
  if places[i] then candidate.waits, candidate.place = true, tonumber(places[i]) end
  candidate.order = order_of(candidate.place or candidate.rank * PLACES_PER_PRIORITY + newcomer)
  sorted = sorted and (i == 1 or candidates[i - 1].order <= candidate.order)
end
if not sorted then
  table.sort(candidates, function(a, b)
    if a.order ~= b.order then return a.order < b.order end
    return a.index < b.index
  end)
end

-- Decisions

local function new_place(candidate) return candidate.rank * PLACES_PER_PRIORITY + draw_tickets(1) - TICKET_EPOCH end

local function claimed_ahead(candidate)
  if waiters == 0 then return 0 end
  -- There would never be several places at a time for one that needs them, if those behind it could overtake
  local woken = candidate.waits and waiters == messages_waiting
    and tonumber(call('ZSCORE', due_key, candidate.id) or now) <= now
  local next_place = candidate.rank * PLACES_PER_PRIORITY + math.max(ticket + 1, now) - TICKET_EPOCH
  return claimed_before(candidate.place or next_place, aging, woken)
end

-- Place number `place` of this call takes that of the oldest stamps of each window, which left to make room: read at once,
-- and only of windows that are so full. When it is used within the margin of becoming free it keeps its rhythm
local log_size = log_length > 0 and call('ZCARD', log_key) or 0
local function new_stamp(place)
  local since = 0
  for _, window in ipairs(windows) do
    local index = window.limit - 1 - place
    if window.grain == 0 and (log_size > index or unknown_before > 0) then
      local stamp = 0
      if log_size > index then
        if not window.left or index < window.left_from then
          window.left_from = math.max(0, index - #candidates + 1)
          window.left = call('ZREVRANGE', log_key, window.left_from, index, 'WITHSCORES')
        end
        stamp = tonumber(window.left[2 * (index - window.left_from) + 2])
      end
      since = math.max(since, math.max(stamp, unknown_before) + window.length)
    end
  end
  return since >= now - margin and since or now
end

local log_additions, flight_additions, record_changes, taken = {}, {}, {}, 0
local lease_end = now + lease
local lease_text = int(lease_end)

local function record(candidate, text)
  record_changes[#record_changes + 1] = candidate.id
  record_changes[#record_changes + 1] = text
end

-- Places of one call mostly have the same stamp
local last_stamp, last_stamp_text
local function stamp_text(stamp)
  if stamp ~= last_stamp then last_stamp, last_stamp_text = stamp, int(stamp) end
  return last_stamp_text
end

local function grant(candidate)
  local place, cost = candidate.place or new_place(candidate), candidate.cost
  local token, attempt = draw_tickets(cost), (candidate.attempt or 0) + 1
  local takeover = candidate.kind == 'c' and 1 or candidate.takeover or 0
  if candidate.waits then
    waiters = waiters - leave_line(candidate.id)
    messages_waiting = messages_waiting - 1
  end
  local token_text, first_stamp = int(token), new_stamp(taken)
  local claim = ':' .. lease_text .. ':' .. takeover .. ':' .. cost .. ':' .. owner
  record(candidate, 'c:' .. token_text .. ':' .. attempt .. ':' .. int(place) .. claim)
  if log_length > 0 then
    log_additions[#log_additions + 1] = stamp_text(first_stamp)
    log_additions[#log_additions + 1] = token_text
    for i = 1, cost - 1 do
      log_additions[#log_additions + 1] = stamp_text(new_stamp(taken + i))
      log_additions[#log_additions + 1] = int(token + i)
    end
  end
  for _, grain in ipairs(grains) do count_in(grain, first_stamp, cost) end
  flight_additions[#flight_additions + 1] = token_text
  flight_additions[#flight_additions + 1] = stamp_text(first_stamp) .. ':' .. lease_text .. ':' .. cost
  if flying == 0 or first_stamp < flying then flying = first_stamp end
  taken = taken + cost
  return token, attempt, takeover
end

local function join_line(candidate)
  if not candidate.waits then
    candidate.place = candidate.place or new_place(candidate)
    call('ZADD', line_key, int(candidate.place), candidate.id)
    for i = 2, candidate.cost do call('ZADD', line_key, int(candidate.place), int(i) .. ' ' .. candidate.id) end
    waiters = waiters + candidate.cost
    messages_waiting = messages_waiting + 1
  end
  if candidate.record then record(candidate, candidate.record) end
end

for _, candidate in ipairs(candidates) do
  if candidate.kind == 'd' then
    candidate.reply = { 3 }
  elseif candidate.kind == 'x' then
    candidate.reply = { 4 }
  elseif candidate.kind and now < candidate.till then
    -- A command sent again after its reply was lost finds its own claim: the same answer, no second charge.
    if candidate.kind == 'c' and candidate.holder == owner then
      candidate.reply = { 0, candidate.token, candidate.attempt, candidate.takeover, candidate.till }
    else
      candidate.reply = { 2, candidate.till }
    end
  elseif claimed_ahead(candidate) + candidate.cost <= free - taken then
    local token, attempt, takeover = grant(candidate)
    candidate.reply = { 0, token, attempt, takeover, lease_end }
  else
    join_line(candidate)
  end
end

write_records(record_changes, remember)
if taken > 0 then
  if log_length > 0 then change('newest', now_text) end
  if #grains > 0 then change('counted', now_text) end
  call('HSET', flight_key, unpack(flight_additions))
  call('PEXPIRE', flight_key, ms(lease + usage_memory_kept + WAITER_GRACE))
  call_with(log_additions, 'ZADD', log_key)
end
if log_length > 0 and (taken > 0 or overdue > 0) then
  call('ZREMRANGEBYRANK', log_key, 0, -1 - longest)
  call('PEXPIRE', log_key, ms(lease + usage_memory_kept + WAITER_GRACE))
end
if #grains > 0 then
  -- The newest stays: it shows that nothing was lost
  for _, window in ipairs(windows) do
    for i, one in ipairs(window.grain > 0 and subbuckets_of(window) or {}) do
      if i > 1 and one[1] + window.length <= now then call('HDEL', counts_key, int(window.grain) .. ':' .. int(one[1])) end
    end
  end
  subbuckets = nil
  call('PEXPIRE', counts_key, ms(lease + usage_memory_kept + WAITER_GRACE))
end
for _, bucket in ipairs(buckets) do
  bucket.full = bucket.full + taken * bucket.interval
  change(bucket.field, int(bucket.full))
end

-- Due times, now that everybody of this call has a place

local function place_due(start, place)
  local due = start
  for _, window in ipairs(windows) do
    local stamp = stamp_at(window, window.limit - 1 - place % window.limit, unknown_before)
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
  if not candidate.reply then
    local position = claimed_before(candidate.place, aging, false)
    local due = place_due(math.max(now, hold), position + candidate.cost - 1)
    due_additions[#due_additions + 1], due_additions[#due_additions + 2] = int(due), candidate.id
    candidate.reply = { 1, due, position }
  end
end
if #due_additions > 0 then call('ZADD', due_key, unpack(due_additions)) end

-- Nothing stays for ever

local line_memory = 0
if waiters > 0 then
  local latest = call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2]
  line_memory = math.max(0, tonumber(latest) - now) + WAITER_GRACE
  call('PEXPIRE', line_key, ms(line_memory))
  call('PEXPIRE', due_key, ms(line_memory))
end
if ticket ~= tonumber(state[1] or 0) then change('ticket', int(ticket)) end
if flying ~= flying_before then change('flying', int(flying)) end
call('HSET', state_key, unpack(changes))
local pause_memory = paused and PAUSE_MEMORY or 0
call('PEXPIRE', state_key, ms(math.max(usage_memory_kept, line_memory, pause_memory, hold - now) + WAITER_GRACE))

table.sort(candidates, function(a, b) return a.index < b.index end)
local reply = { now, server_now }
for _, candidate in ipairs(candidates) do
  for _, value in ipairs(candidate.reply) do reply[#reply + 1] = value end
end
return reply
