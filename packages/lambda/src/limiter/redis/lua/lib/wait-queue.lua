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

-- Returns how many slots it claimed
local function leave_queue(id)
  local slots = call('ZREM', queue_key, id)
  call('ZREM', due_key, id)
  while slots > 0 and call('ZREM', queue_key, int(slots + 1) .. ' ' .. id) == 1 do slots = slots + 1 end
  return slots
end

-- Whether anybody may wait. Who can be expected no more is forgotten, and does not come back when the clock is set back
local function may_wait(state, now)
  if state.lined > now then return true end
  if state.lined > 0 then call('UNLINK', queue_key, due_key) end
  return false
end
