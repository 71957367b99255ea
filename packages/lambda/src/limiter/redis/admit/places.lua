-- Second part of admission: clears what is over, and counts the free places.

-- Waiters that did not come back lose their place

local waiters = call('ZCARD', line_key)
if waiters > 0 then
  local asking = {}
  for _, candidate in ipairs(candidates) do asking[candidate.id] = true end
  local overdue = call('ZRANGEBYSCORE', due_key, '-inf', '(' .. int(now - grace), 'LIMIT', 0, most_forgotten)
  for _, id in ipairs(overdue) do
    if not asking[id] then
      call('ZREM', line_key, id)
      call('ZREM', due_key, id)
      waiters = waiters - 1
    end
  end
end

-- Deliveries that are about to leave a window although they are still under way count as ending now; those
-- that outlast their lease, as ending with it

local overdue_flights = call('ZRANGEBYSCORE', flight_key, '-inf', int(now - shortest))
for _, flight in ipairs(overdue_flights) do
  local token, lease_end = string.match(flight, '^(%d+):(%d+)$')
  lease_end = tonumber(lease_end)
  local stamp = int(math.min(now, lease_end) - margin)
  call('ZADD', log_key, 'GT', stamp, token)
  if lease_end <= now then call('ZREM', flight_key, flight) else call('ZADD', flight_key, 'GT', stamp, flight) end
end
if #overdue_flights > 0 then call('PEXPIRE', log_key, ms(lease + usage_memory + grace)) end

-- Free places: the smallest number over all rules

local function free_in_window(window)
  if unknown_before > now - window.length then return 0 end
  return window.limit - call('ZCOUNT', log_key, '(' .. int(now - window.length), '+inf')
end

local function free_in_bucket(bucket)
  return math.floor((now + bucket.capacity * bucket.interval - bucket.full) / bucket.interval)
end

local free = now < hold and 0 or #candidates + waiters
for _, window in ipairs(windows) do free = math.min(free, free_in_window(window)) end
for _, bucket in ipairs(buckets) do free = math.min(free, free_in_bucket(bucket)) end
free = math.max(0, free)
