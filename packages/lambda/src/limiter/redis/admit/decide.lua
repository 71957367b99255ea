-- Third part of admission: gives the free places to who goes first, tells the others when to come back, and
-- writes everything down.

-- What is known of each candidate: a table where there is a record or a place in line

local messages_waiting = waiters > 0 and call('ZCARD', due_key) or 0
local records = read_records(ids)
local line_places = waiters > 0 and call('ZMSCORE', line_key, unpack(ids)) or {}
local known, costs, turns = {}, {}, nil
local newcomer = math.max(ticket + 1, now) - TICKET_EPOCH

local function rank_of(i) return string.byte(ARGV[11], i) - 48 end
local function new_place(rank, its_ticket) return rank * PLACES_PER_PRIORITY + its_ticket - TICKET_EPOCH end

local function read_known(record, place)
  local one = { waits = place ~= nil, place = place }
  if not record then return one end
  one.kind = string.sub(record, 1, 1)
  if #record == 1 then return one end
  local _, token, attempt, old_place, till, takeover, cost, _, holder = string.match(record, RECORD)
  old_place = tonumber(old_place)
  if old_place < 3 then old_place = new_place(old_place, tonumber(token)) end
  one.token, one.attempt, one.place = token, tonumber(attempt), place or old_place
  one.till, one.takeover, one.cost, one.holder, one.record = tonumber(till), takeover, tonumber(cost), holder, record
  return one
end

for i = 1, #ids do
  if records[i] or line_places[i] then known[i] = read_known(records[i], tonumber(line_places[i] or nil)) end
end
if ARGV[12] ~= '' then
  for cost in string.gmatch(ARGV[12], '%d+') do costs[#costs + 1] = tonumber(cost) end
end

-- By place in line; newcomers after the waiters of their priority, in the order in which they were asked about

local function order_of(i)
  local place = known[i] and known[i].place or rank_of(i) * PLACES_PER_PRIORITY + newcomer
  if aging == 0 then return place end
  return place % PLACES_PER_PRIORITY + math.floor(place / PLACES_PER_PRIORITY) * aging
end

local previous, sorted = 0, true
for i = 1, #ids do
  local order = order_of(i)
  sorted, previous = sorted and previous <= order, order
end
if not sorted then
  local orders = {}
  turns = {}
  for i = 1, #ids do turns[i], orders[i] = i, order_of(i) end
  table.sort(turns, function(a, b)
    if orders[a] ~= orders[b] then return orders[a] < orders[b] end
    return a < b
  end)
end

-- Decisions

local NEWCOMER = {}
local taken, granted, resent = 0, 0, false
local lease_end = now + lease
local lease_text = int(lease_end)

local function claimed_ahead(i, one)
  -- There would never be several places at a time for one that needs them, if those behind it could overtake
  local woken = one.waits and waiters == messages_waiting
    and tonumber(call('ZSCORE', due_key, ids[i]) or now) <= now
  return claimed_before(one.place or new_place(rank_of(i), math.max(ticket + 1, now)), aging, woken)
end

-- Exact windows of which a place became free not long before: unless one is nearly full or was, no stamp in it matters
local log_size, newer, tight = log_length > 0 and call('ZCARD', log_key) or 0, flying, {}
for _, window in ipairs(windows) do
  if window.grain == 0 and (log_size + newer + free >= window.limit or unknown_before + window.length >= now - margin) then
    tight[#tight + 1] = window
  end
end

-- Place number `place` of this call takes that of the oldest stamps of each window, which left to make room: read at once.
-- When it is used within the margin of becoming free it keeps its rhythm
local function new_stamp(place)
  local since = 0
  for _, window in ipairs(tight) do
    local index, stamp = window.limit - 1 - place - newer, 0
    if log_size > index then
      if not window.left or index < window.left_from then
        window.left_from = math.max(0, index - #ids + 1)
        window.left = call('ZREVRANGE', log_key, window.left_from, index, 'WITHSCORES')
      end
      stamp = tonumber(window.left[2 * (index - window.left_from) + 2])
    end
    if stamp > 0 or unknown_before > 0 then since = math.max(since, math.max(stamp, unknown_before) + window.length) end
  end
  return since >= now - margin and since or now
end

local record_changes = {}

-- Most claims of one call end alike
local last_ending, last_stamp, last_cost, last_takeover
local function ending(takeover, cost, stamp)
  if stamp ~= last_stamp or cost ~= last_cost or takeover ~= last_takeover then
    last_stamp, last_cost, last_takeover = stamp, cost, takeover
    last_ending = ':' .. lease_text .. ':' .. takeover .. ':' .. cost .. ':' .. int(stamp) .. ':' .. owner
  end
  return last_ending
end

local function grant(i, one)
  local cost = costs[i] or 1
  local token = int(draw_tickets(cost))
  local attempt, takeover = one.attempt and int(one.attempt + 1) or '1', one.kind == 'c' and '1' or one.takeover or '0'
  local stamp = now
  if #tight > 0 then
    stamp = new_stamp(taken)
    for more = 1, cost - 1 do stamp = math.max(stamp, new_stamp(taken + more)) end
  end
  if one.waits then
    waiters = waiters - leave_line(ids[i])
    messages_waiting = messages_waiting - 1
  end
  -- Its lease has ended, while its call still has others under way
  if one.kind == 'c' and leave_call(one.holder, one.till, one.cost) then
    flying = flying - one.cost
    end_delivery(one.token, one.cost, one.till - margin)
  end
  add(record_changes, ids[i], 'c:' .. token .. ':' .. attempt .. ':' .. (one.place and int(one.place) or string.sub(ARGV[11], i, i)) .. ending(takeover, cost, stamp))
  taken, granted = taken + cost, granted + 1
  return '0 ' .. token .. ' ' .. attempt .. ' ' .. takeover
end

local function join_line(i, one)
  if not one.waits then
    local place = one.place or new_place(rank_of(i), draw_tickets(1))
    known[i] = { place = place }
    call('ZADD', line_key, int(place), ids[i])
    for more = 2, costs[i] or 1 do call('ZADD', line_key, int(place), int(more) .. ' ' .. ids[i]) end
    waiters = waiters + (costs[i] or 1)
    messages_waiting = messages_waiting + 1
  end
  if one.record then add(record_changes, ids[i], one.record) end
end

-- Of the right size from the start, which is faster than to let it grow
local replies = { unpack(records) }
for turn = 1, #ids do
  local i = turns and turns[turn] or turn
  local one = known[i] or NEWCOMER
  replies[i] = false
  if one.kind == 'd' then
    replies[i] = '3'
  elseif one.kind == 'x' then
    replies[i] = '4'
  elseif one.kind and now < one.till then
    -- A command sent again after its reply was lost finds its own claim: the same answer, no second charge
    if one.kind == 'c' and one.holder == owner then
      resent = true
      replies[i] = table.concat({ '5', one.token, one.attempt, one.takeover, int(one.till) }, ' ')
    else
      replies[i] = '2 ' .. int(one.till)
    end
  elseif (waiters > 0 and claimed_ahead(i, one) or 0) + (costs[i] or 1) <= free - taken then
    replies[i] = grant(i, one)
  else
    join_line(i, one)
  end
end

-- What is under way from now on, and what that takes

if taken > 0 then
  if not resent then calls[owner] = read_call('call:' .. owner, '0:0:0:0') end
  local own = call_of(owner)
  if own.messages == 0 then own.begun = now end
  own.lease_end = math.max(own.lease_end, lease_end)
  own.messages, own.places = own.messages + granted, own.places + taken
  flying = flying + taken
  if until_time == 0 or lease_end < until_time then until_time = lease_end end
  add(changes, 'granted', now_text)
end
write_calls(changes)
write_records(record_changes, remember)
write_ended(longest, grains, now, usage_memory_kept + WAITER_GRACE, changes)
if #grains > 0 then
  -- The newest stays: it shows that nothing was lost
  for _, window in ipairs(windows) do
    for i, one in ipairs(window.grain > 0 and subbuckets_of(window) or {}) do
      if i > 1 and one[1] + window.length <= now then call('HDEL', counts_key, int(window.grain) .. ':' .. int(one[1])) end
    end
  end
  subbuckets = nil
end
for _, bucket in ipairs(buckets) do
  bucket.full = bucket.full + taken * bucket.interval
  add(changes, bucket.field, int(bucket.full))
end

-- Due times, now that everybody of this call has a place

-- When a delivery under way will have ended is not known: at the earliest now
local assumed_end = math.max(taken > 0 and now or tonumber(state[16] or 0), now - margin, unknown_before)

local function place_due(start, place)
  local due = start
  for _, window in ipairs(windows) do
    local index = window.limit - 1 - place % window.limit
    local stamp = index < flying and assumed_end or stamp_at(window, index - flying, unknown_before)
    local first = stamp and math.max(start, stamp + window.length) or start
    due = math.max(due, first + math.floor(place / window.limit) * window.length)
  end
  for _, bucket in ipairs(buckets) do
    due = math.max(due, math.max(start, bucket.full) + (place + 1 - bucket.capacity) * bucket.interval)
  end
  return due
end

local due_additions = {}
for i = 1, #ids do
  if not replies[i] then
    local position = claimed_before(known[i].place, aging, false)
    local due = int(place_due(math.max(now, hold), position + (costs[i] or 1) - 1))
    add(due_additions, due, ids[i])
    replies[i] = '1 ' .. due .. ' ' .. position
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
if ticket ~= tonumber(state[1] or 0) then add(changes, 'ticket', int(ticket)) end
if flying ~= tonumber(state[14] or 0) then add(changes, 'flying', int(flying)) end
if until_time ~= tonumber(state[15] or 0) then add(changes, 'until', int(until_time)) end
call('HSET', state_key, unpack(changes))
local usage_kept = flying > 0 and usage_memory_kept + lease or usage_memory_kept
keep(state_key, math.max(usage_kept, line_memory, paused and PAUSE_MEMORY or 0, hold - now) + WAITER_GRACE)

return now_text .. ' ' .. int(server_now) .. ' ' .. lease_text .. ' ' .. table.concat(replies, ' ')
