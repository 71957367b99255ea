-- Which candidates get the free slots. `moment` is one question while it is decided:
--
--   now, hold, unknown_before, lease_end, margin, aging, owner, rules     as they are for all candidates
--   ids, ranks, costs    of each candidate; costs is empty where all are 1
--   usage, in_flight, queue                                               the state of the key
--   free                 how many slots are free; `unclaimed`, how many of them for so long that they are kept for nobody
--   taken, granted       how many slots, by how many messages, up to now; `was_resent`, whether this call was made before
--   next_ticket          tickets and tokens grow: about the microsecond in which they are drawn
--   tight, newer         exact windows in which the stamps of slots matter, and how many slots are newer than those
--   records              what is to be written: id, record, id, record …

-- What a record says, and the position in the queue of a waiter
local function read_known(record, position)
  local one = { waits = position ~= nil, position = position }
  if not record then return one end
  one.kind = string.sub(record, 1, 1)
  if #record == 1 then return one end
  one.record = record
  if one.kind == 'v' then
    one.token, one.verdict = string.match(record, VERDICT)
    return one
  end
  local _, token, attempt, old_position, till, past, cost, _, holder = string.match(record, RECORD)
  old_position = tonumber(old_position)
  if old_position < 3 then old_position = position_of(old_position, tonumber(token)) end
  one.token, one.attempt, one.position = token, tonumber(attempt), position or old_position
  one.till, one.past, one.cost, one.holder = tonumber(till), past, tonumber(cost), holder
  return one
end

-- Whether free slots gather for a message that needs several and is next, perhaps since this question
local function head_is_costly(queue)
  if queue.slots == queue.messages then return false end
  local id = queue_head()
  return not id or call('ZSCORE', queue_key, '2 ' .. id) ~= false
end

-- Whether a candidate may have `cost` of the free slots
local function is_next(moment, i, one, cost)
  local queue, free, now = moment.queue, moment.free, moment.now
  local left = free - moment.taken - cost
  if left < 0 or queue.slots == 0 then return left >= 0 end
  local position = one.position or position_of(moment.ranks[i], moment.next_ticket)
  local ahead = claimed_before(position, moment.aging)
  if ahead <= left then return true end

  -- Slots that have been free for long are kept for nobody: all, where nobody in the queue comes soon, since more are
  -- allowed than when they were told their due times
  local function unclaimed()
    local _, head_due = queue_head()
    if head_due > now + WAITER_GRACE then return free end
    if not moment.unclaimed then
      local since = now - WAITER_GRACE
      moment.unclaimed = since < moment.hold and 0
        or min(free, free_slots(moment.rules, moment.usage, moment.in_flight, since, moment.unknown_before))
    end
    return moment.unclaimed
  end
  if moment.taken + cost <= unclaimed() and not head_is_costly(queue) then return true end

  -- A waiter whose due time has come may overtake those of its own priority: they are late. Not if one of them needs
  -- several slots: there would never be enough at a time. And not if the due time is out of date, because more urgent
  -- ones came since: then all slots there are belong to waiters before it that have yet to be woken
  if queue.slots ~= queue.messages or not one.waits then return false end
  local others_due = call('ZCOUNT', due_key, '-inf', '(' .. int(now + 1)) - 1
  return ahead - others_due < moment.rules.slots and tonumber(call('ZSCORE', due_key, moment.ids[i]) or now) < now + 1
    and claimed_before(position, moment.aging, true) <= left
end

-- Slot number `slot` of this call takes that of the oldest stamps of each window, which left to make room: read at once.
-- When it is used within the margin of becoming free it keeps its rhythm
local function stamp_of(moment, slot)
  local usage, unknown_before, since = moment.usage, moment.unknown_before, 0
  for _, window in ipairs(moment.tight) do
    local index, stamp = window.limit - 1 - slot - moment.newer, 0
    if usage.size > index and (usage.joined == 0 or is_logged(usage, window)) then
      if not window.left or index < window.left_from then
        window.left_from = max(0, index - #moment.ids + 1)
        window.left = call('ZREVRANGE', log_key, window.left_from, index, 'WITHSCORES')
      end
      stamp = tonumber(window.left[2 * (index - window.left_from) + 2])
    else
      stamp = known_stamp_at(usage, index) or 0
    end
    if stamp > 0 or unknown_before > 0 then since = max(since, max(stamp, unknown_before) + window.length) end
  end
  return since >= moment.now - moment.margin and since or moment.now
end

-- Takes over from a claim that was lost. Its lease has ended, while its call still has others in flight
local function take_over(moment, one)
  if leave_call(moment.in_flight, one.holder, one.till, one.cost) then
    end_delivery(moment.usage, one.token, one.cost, one.till, moment.now)
  end
  return int(one.past - one.past % 2 + 1)
end

local function join_queue(moment, i, one, cost)
  local queue, id = moment.queue, moment.ids[i]
  if not one.waits then
    local position = one.position
    if not position then
      position = position_of(moment.ranks[i], moment.next_ticket)
      moment.next_ticket = moment.next_ticket + 1
    end
    -- Of a state that was lost, a queue may be left
    if queue.messages == 0 then call('UNLINK', queue_key, due_key) end
    call('ZADD', queue_key, int(position), id)
    for more = 2, cost do call('ZADD', queue_key, int(position), int(more) .. ' ' .. id) end
    queue.slots, queue.messages, queue.positions[i] = queue.slots + cost, queue.messages + 1, position
  end
  if one.record then add(moment.records, id, one.record) end
end

-- The indices of the candidates, in the order in which they go
local function in_order(moment, known, newcomer)
  local turns, orders = {}, {}
  for i = 1, #moment.ids do
    local position = known[i] and known[i].position or moment.ranks[i] * POSITIONS_PER_PRIORITY + newcomer
    turns[i], orders[i] = i, order_of(position, moment.aging)
  end
  table.sort(turns, function(a, b)
    if orders[a] ~= orders[b] then return orders[a] < orders[b] end
    return a < b
  end)
  return turns
end

-- The answer to a message that is known to be final, condemned, claimed or not to be delivered yet; nil where it may be
local function answer_of(moment, i, one)
  if one.kind == 'd' then return '3' end
  if one.kind == 'x' then return '4' end
  if one.kind == 'v' then
    add(moment.records, moment.ids[i], one.record)
    return '7 ' .. one.token .. ' ' .. string.gsub(one.verdict, ':', ' ')
  end
  if not one.till or moment.now >= one.till then return nil end
  if one.kind ~= 'c' or one.holder ~= moment.owner then return '2 ' .. int(one.till) end
  -- A command sent again after its reply was lost finds its own claim: the same answer, no second charge
  moment.was_resent = true
  return format('5 %s %d %s %d', one.token, one.attempt, one.past, one.till)
end

-- The answers to the candidates, false to those who wait. `known`: what is known of each, nothing of newcomers. `turns`:
-- their order, nil where it is that of the question
local function decide(moment, known, turns)
  local ids, ranks, costs, records, now = moment.ids, moment.ranks, moment.costs, moment.records, moment.now
  local queue, tight, is_tight, answers = moment.queue, moment.tight, moment.tight[1] ~= nil, { unpack(ids) }
  local newcomer, granted = {}, 0
  -- Most claims of one call are alike but for their tokens, which follow one another: so is what follows these in a record
  local attempt, position, past, cost, stamp, rest, next_token, next_i
  for turn = 1, #ids do
    local i = turns and turns[turn] or turn
    local one, its_cost = known[i] or newcomer, costs[i] or 1
    local answer = one.kind and answer_of(moment, i, one)
    if answer then
      answers[i] = answer
    elseif not is_next(moment, i, one, its_cost) then
      answers[i] = false
      join_queue(moment, i, one, its_cost)
    else
      local token, its_attempt, its_past = moment.next_ticket, (one.attempt or 0) + 1, one.past or '0'
      moment.next_ticket = token + its_cost
      local its_position, its_stamp = one.position or ranks[i], now
      if is_tight then
        for slot = moment.taken, moment.taken + its_cost - 1 do
          local since = stamp_of(moment, slot)
          its_stamp = slot == moment.taken and since or max(its_stamp, since)
        end
      end
      if one.waits then queue.slots, queue.messages = queue.slots - leave_queue(ids[i]), queue.messages - 1 end
      if one.kind == 'c' then its_past = take_over(moment, one) end

      local is_alike = its_attempt == attempt and its_position == position and its_past == past and its_cost == cost
      if not is_alike or its_stamp ~= stamp then
        attempt, position, past, cost, stamp = its_attempt, its_position, its_past, its_cost, its_stamp
        rest = format(':%d:%d:%d:%s:%d:%d:%s', attempt, position, moment.lease_end, past, cost, stamp + moment.margin,
          moment.owner)
      end
      add(records, ids[i], 'c:' .. int(token) .. rest)
      local follows = is_alike and i == next_i and token == next_token
      answers[i] = follows and '6' or format('0 %d %d %s', token, attempt, past)
      moment.taken, granted = moment.taken + cost, granted + 1
      next_token, next_i = token + cost, i + 1
    end
  end
  moment.granted = granted
  return answers
end

-- The claims of a moment are in flight. `is_new`: nothing is by this owner yet
local function start_call(in_flight, moment, is_new)
  local owner, lease_end = moment.owner, moment.lease_end
  if is_new then in_flight.calls[owner] = { field = 'call:' .. owner, lease_end = 0, begun = 0, messages = 0, slots = 0 } end
  local own = call_of(in_flight, owner)
  if own.messages == 0 then own.begun = moment.now end
  own.lease_end = max(own.lease_end, lease_end)
  own.messages, own.slots = own.messages + moment.granted, own.slots + moment.taken
  in_flight.slots = in_flight.slots + moment.taken
  expect_end(in_flight, lease_end)
end
