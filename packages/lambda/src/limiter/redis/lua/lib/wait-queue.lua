-- The queue of waiters. A position is priority × 2^51 + ticket. One that costs several slots stands there as often: as its
-- id, then as '2 id', '3 id' …, which are no ids because of their space. The state knows until when anybody can wait
-- (field `lined`, 0: nobody does): where that was lost, the queue was.



-- How many slots waiters claim that go before a position: without aging all smaller positions, with it each priority is
-- worth `aging` of waiting. Woken: none of its own priority goes before it
local function claimed_before(position, aging, woken)
  local own = floor(position / POSITIONS_PER_PRIORITY)
  if aging == 0 then
    return call('ZCOUNT', queue_key, '-inf', '(' .. int(woken and own * POSITIONS_PER_PRIORITY or position))
  end
  local sum = 0
  for rank = 0, woken and own - 1 or 2 do
    local first = rank * POSITIONS_PER_PRIORITY
    local ticket = position - own * POSITIONS_PER_PRIORITY + (own - rank) * aging
    local to = first + min(POSITIONS_PER_PRIORITY, max(0, ticket))
    sum = sum + call('ZCOUNT', queue_key, first, '(' .. int(to))
  end
  return sum
end

local function position_of(rank, ticket) return rank * POSITIONS_PER_PRIORITY + ticket - TICKET_EPOCH end

-- Sorts positions into the order in which they go
local function order_of(position, aging)
  if aging == 0 then return position end
  return position % POSITIONS_PER_PRIORITY + floor(position / POSITIONS_PER_PRIORITY) * aging
end

-- Returns how many slots it claimed
local function leave_queue(id)
  local slots = call('ZREM', queue_key, id)
  call('ZREM', due_key, id)
  while slots > 0 and call('ZREM', queue_key, int(slots + 1) .. ' ' .. id) == 1 do slots = slots + 1 end
  return slots
end

-- Who may expect its slots first: its id and when
local function queue_head()
  local head = call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
  return head[1], floor(tonumber(head[2] or 0))
end

-- Whether anybody may wait. Who can be expected no more is forgotten, and does not come back when the clock is set back
local function may_wait(state, now)
  if state.lined > now then return true end
  if state.lined > 0 then call('UNLINK', queue_key, due_key) end
  return false
end

-- The queue as a question about `ids` finds it: how many slots and messages wait, and the positions of these. Waiters that
-- did not come back lose their positions. If none came for its turn since one of them was due, all do: who only came
-- because a slot was free says nothing of those before it
local function open_queue(state, ids, now, changes)
  local queue = { slots = 0, messages = 0, positions = {} }
  if state.lined == 0 then return queue end
  queue.slots, queue.messages = call('ZCARD', queue_key), call('ZCARD', due_key)
  local forget_all = state.lined <= now
  if queue.slots > 0 and queue.messages > 0 and not forget_all then
    -- A due time is a whole number where it is a turn in the queue, and half a microsecond more where a free slot is only
    -- kept for others until then
    local came, asking = state.came, {}
    for i, due in ipairs(call('ZMSCORE', due_key, unpack(ids))) do
      asking[ids[i]] = true
      if due and tonumber(due) % 1 == 0 then came = now end
    end
    if came == now then add(changes, 'came', int(now)) end
    local before = '(' .. int(now - WAITER_GRACE)
    local overdue = call('ZRANGEBYSCORE', due_key, '-inf', before, 'WITHSCORES', 'LIMIT', 0, MAX_FORGOTTEN)
    forget_all = overdue[2] and came < floor(tonumber(overdue[2]))
    for i = 1, forget_all and 0 or #overdue, 2 do
      if not asking[overdue[i]] then
        queue.slots, queue.messages = queue.slots - leave_queue(overdue[i]), queue.messages - 1
      end
    end
  end
  -- Of a queue of which one half was evicted nothing is known
  if forget_all or queue.slots == 0 or queue.messages == 0 then
    call('UNLINK', queue_key, due_key)
    queue.slots, queue.messages = 0, 0
    return queue
  end
  for i, position in ipairs(call('ZMSCORE', queue_key, unpack(ids))) do queue.positions[i] = tonumber(position or nil) end
  return queue
end
