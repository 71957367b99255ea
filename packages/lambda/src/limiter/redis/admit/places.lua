-- Second part of admission: clears what is over, and counts the free places.

-- Waiters that did not come back lose their place

local waiters = call('ZCARD', line_key)
if waiters > 0 then
  local asking = {}
  for _, id in ipairs(ids) do asking[id] = true end
  local overdue = call('ZRANGEBYSCORE', due_key, '-inf', '(' .. int(now - WAITER_GRACE), 'LIMIT', 0, MAX_FORGOTTEN)
  for _, id in ipairs(overdue) do
    if not asking[id] then waiters = waiters - leave_line(id) end
  end
end

-- Deliveries that are about to leave a window although they are still under way count as ending now; those
-- that outlast their lease, as ending with it

local flying_before, overdue = tonumber(state[14] or 0), 0
-- No delivery under way has a smaller stamp; 0: none is
local flying = flying_before
if flying > 0 and flying <= now - shortest then
  flying = 0
  local flights = call('HGETALL', flight_key)
  for i = 1, #flights, 2 do
    local token, from, lease_end, cost = tonumber(flights[i]), string.match(flights[i + 1], FLIGHT)
    from, lease_end, cost = tonumber(from), tonumber(lease_end), tonumber(cost)
    local stamp = from
    if from <= now - shortest then
      overdue = overdue + 1
      stamp = math.max(from, math.min(now, lease_end) - margin)
      if log_length > 0 then
        for place = token, token + cost - 1 do call('ZADD', log_key, 'GT', int(stamp), int(place)) end
      end
      move_counts(grains, from, stamp, cost)
      if lease_end <= now then
        call('HDEL', flight_key, flights[i])
        stamp = nil
      else
        call('HSET', flight_key, flights[i], flight_text(stamp, lease_end, cost))
      end
    end
    if stamp and (flying == 0 or stamp < flying) then flying = stamp end
  end
end

-- Free places: the smallest number over all rules

local free = math.huge
for _, window in ipairs(windows) do
  free = math.min(free, window.limit - stamps_after(window, now - window.length, unknown_before))
end
for _, bucket in ipairs(buckets) do
  free = math.min(free, math.floor((now + bucket.capacity * bucket.interval - bucket.full) / bucket.interval))
end
free = now < hold and 0 or math.max(0, free)
