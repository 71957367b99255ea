-- The line of waiters. A place is priority × 2^51 + ticket. One that costs several places stands there as often: as its
-- id, then as '2 id', '3 id' …, which are no ids because of their space.

local function claimed(from, to)
  return call('ZCOUNT', line_key, from, '(' .. int(to))
end

-- How many places waiters claim that go before a place: without aging all smaller places, with it each priority is worth
-- `aging` of waiting. Woken: none of its own priority goes before it
local function claimed_before(place, aging, woken)
  local own = math.floor(place / PLACES_PER_PRIORITY)
  if aging == 0 then return claimed('-inf', woken and own * PLACES_PER_PRIORITY or place) end
  local sum = 0
  for rank = 0, woken and own - 1 or 2 do
    local first = rank * PLACES_PER_PRIORITY
    local ticket = place - own * PLACES_PER_PRIORITY + (own - rank) * aging
    sum = sum + claimed(first, first + math.min(PLACES_PER_PRIORITY, math.max(0, ticket)))
  end
  return sum
end

-- Returns how many places it claimed
local function leave_line(id)
  local places = call('ZREM', line_key, id)
  call('ZREM', due_key, id)
  while places > 0 and call('ZREM', line_key, int(places + 1) .. ' ' .. id) == 1 do places = places + 1 end
  return places
end

-- A due time is a whole number where it is a turn in line, and half a microsecond more where a free place is only kept for
-- others until then
local function is_turn(due) return due ~= nil and due % 1 == 0 end

-- Who may expect its place first: its id and when
local function line_head()
  local head = call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
  return head[1], math.floor(tonumber(head[2] or 0))
end

-- Nobody in line can be expected any more
local function end_line(lined, now)
  if now >= tonumber(lined or math.huge) then call('UNLINK', line_key, due_key) end
end
