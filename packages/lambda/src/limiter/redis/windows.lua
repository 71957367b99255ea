-- How much of each window is taken. A window is { limit, length, grain }: with a grain it knows how many stamps lie in
-- each sub-bucket of that length, without one it knows every stamp. `unknown_before`: what lies before counts as taken.

local subbuckets

-- Newest first: { stamp, count } of every sub-bucket of a window
local function subbuckets_of(window)
  if not subbuckets then
    subbuckets = {}
    local counts = call('HGETALL', counts_key)
    for i = 1, #counts, 2 do
      local grain, stamp = string.match(counts[i], '^(%d+):(%d+)$')
      local list = subbuckets[tonumber(grain)] or {}
      list[#list + 1] = { tonumber(stamp), tonumber(counts[i + 1]) }
      subbuckets[tonumber(grain)] = list
    end
    for _, list in pairs(subbuckets) do table.sort(list, function(a, b) return a[1] > b[1] end) end
  end
  return subbuckets[window.grain] or {}
end

-- How many stamps are later than an instant
local function stamps_after(window, instant, unknown_before)
  if unknown_before > instant then return math.huge end
  if window.grain == 0 then return call('ZCOUNT', log_key, '(' .. int(instant), '+inf') end
  local sum = 0
  for _, one in ipairs(subbuckets_of(window)) do
    if one[1] > instant then sum = sum + one[2] end
  end
  return sum
end

-- The stamp of the newest place (0), the one before (1), and so on; nothing beyond the oldest
local function stamp_at(window, index, unknown_before)
  local stamp
  if window.grain == 0 then
    stamp = tonumber(call('ZREVRANGE', log_key, index, index, 'WITHSCORES')[2])
  else
    local newer = 0
    for _, one in ipairs(subbuckets_of(window)) do
      newer = newer + one[2]
      if newer > index then
        stamp = one[1]
        break
      end
    end
  end
  if unknown_before > 0 then return math.max(unknown_before, stamp or 0) end
  return stamp
end

-- The smallest number over all rules. A bucket is { capacity, interval, full }
local function free_places(windows, buckets, now, flying, unknown_before)
  local free = math.huge
  for _, window in ipairs(windows) do
    free = math.min(free, window.limit - flying - stamps_after(window, now - window.length, unknown_before))
  end
  for _, bucket in ipairs(buckets) do
    local full = math.max(now, bucket.full)
    free = math.min(free, math.floor((now + bucket.capacity * bucket.interval - full) / bucket.interval))
  end
  return math.max(0, free)
end
