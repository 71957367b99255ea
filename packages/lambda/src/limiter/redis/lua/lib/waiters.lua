-- The waiters as an admission meets them.

local function position_of(rank, ticket) return rank * POSITIONS_PER_PRIORITY + ticket - TICKET_EPOCH end

-- Sorts positions into the order in which they go
local function order_of(position, aging)
  if aging == 0 then return position end
  return position % POSITIONS_PER_PRIORITY + floor(position / POSITIONS_PER_PRIORITY) * aging
end

-- Who may expect its slots first: its id and when
local function queue_head()
  local head = call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
  return head[1], floor(tonumber(head[2] or 0))
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
