-- Fourth part of admission: gives the free places to who goes first; the others join the line.

local NEWCOMER = {}
local taken, granted, resent = 0, 0, false
local lease_end = now + lease
local lease_text = int(lease_end)

-- Whether free places gather for a message that needs several and is next, perhaps since this question
local function head_is_costly()
  if waiters == messages_waiting then return false end
  local id = line_head()
  return not id or call('ZSCORE', line_key, '2 ' .. id) ~= false
end

-- A waiter whose due time has come may overtake those of its own priority: they are late. Not if one of them needs
-- several places: there would never be enough at a time. And not if the due time is out of date, because more urgent
-- ones came since: then all places there are belong to waiters before it that have yet to be woken
local function is_next(i, one)
  local cost = costs[i] or 1
  local left = free - taken - cost
  if left < 0 or waiters == 0 then return left >= 0 end
  local place = one.place or new_place(rank_of(i), next_ticket)
  local ahead = claimed_before(place, aging)
  if ahead <= left then return true end
  if taken + cost <= unclaimed() and not head_is_costly() then return true end
  if waiters ~= messages_waiting or not one.waits then return false end
  local others_due = call('ZCOUNT', due_key, '-inf', '(' .. int(now + 1)) - 1
  return ahead - others_due < places_in_all and tonumber(call('ZSCORE', due_key, ids[i]) or now) < now + 1
    and claimed_before(place, aging, true) <= left
end

-- Exact windows in which a place of this call was another's before, perhaps not long ago: in others no stamp matters
local newer, tight = flying, {}
for _, window in ipairs(windows) do
  local places = newer + math.min(free, wanted)
  local was_used = usage.joined > 0 or log_size + places > window.limit
  if window.exact and (was_used or unknown_before + window.length >= now - margin) then
    tight[#tight + 1] = window
  end
end

-- Place number `place` of this call takes that of the oldest stamps of each window, which left to make room: read at once.
-- When it is used within the margin of becoming free it keeps its rhythm
local function new_stamp(place)
  local since = 0
  for _, window in ipairs(tight) do
    local index, stamp = window.limit - 1 - place - newer, 0
    if log_size > index and (usage.joined == 0 or is_logged(window, log_size)) then
      if not window.left or index < window.left_from then
        window.left_from = math.max(0, index - #ids + 1)
        window.left = call('ZREVRANGE', log_key, window.left_from, index, 'WITHSCORES')
      end
      stamp = tonumber(window.left[2 * (index - window.left_from) + 2])
    else
      stamp = known_stamp_at(index, log_size) or 0
    end
    if stamp > 0 or unknown_before > 0 then since = math.max(since, math.max(stamp, unknown_before) + window.length) end
  end
  return since >= now - margin and since or now
end

local record_changes = {}

-- What follows the token in a record. Most claims of one call are alike, and have one token after the other
local rest, next_token, next_i
local last_attempt, last_place, last_past, last_cost, last_stamp

local function grant(i, one)
  local cost = costs[i] or 1
  local token = draw_tickets(cost)
  local attempt, past = (one.attempt or 0) + 1, one.past or '0'
  -- A lost claim makes this one a takeover
  if one.kind == 'c' then past = int(past - past % 2 + 1) end
  local place, stamp = one.place or rank_of(i), now
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
    end_delivery(one.token, one.cost, one.till, now)
  end
  local alike = attempt == last_attempt and place == last_place and past == last_past and cost == last_cost
  if not alike or stamp ~= last_stamp then
    last_attempt, last_place, last_past, last_cost, last_stamp = attempt, place, past, cost, stamp
    rest = format(':%d:%d:%s:%s:%d:%d:%s', attempt, place, lease_text, past, cost, stamp + margin, owner)
  end
  add(record_changes, ids[i], format('c:%d%s', token, rest))
  taken, granted = taken + cost, granted + 1
  local follows = alike and i == next_i and token == next_token
  next_token, next_i = token + cost, i + 1
  return follows and '6' or format('0 %d %d %s', token, attempt, past)
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
  elseif one.kind == 'v' then
    replies[i] = '7 ' .. one.token .. ' ' .. string.gsub(one.verdict, ':', ' ')
    add(record_changes, ids[i], one.record)
  elseif one.kind and now < one.till then
    -- A command sent again after its reply was lost finds its own claim: the same answer, no second charge
    if one.kind == 'c' and one.holder == owner then
      resent = true
      replies[i] = table.concat({ '5', one.token, one.attempt, one.past, int(one.till) }, ' ')
    else
      replies[i] = '2 ' .. int(one.till)
    end
  elseif is_next(i, one) then
    replies[i] = grant(i, one)
  else
    join_line(i, one)
  end
end
