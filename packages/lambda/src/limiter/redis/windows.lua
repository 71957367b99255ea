-- How much of each window is taken. A window is { limit, length, exact }. `log_size`: how many deliveries the log knows.
-- `unknown_before`: what lies before counts as taken.

local subbuckets

-- Newest first: { stamp, count } of every sub-bucket
local function all_subbuckets()
  if not subbuckets then
    subbuckets = {}
    local counts = usage.newest > 0 and call('HGETALL', counts_key) or {}
    for i = 1, #counts, 2 do subbuckets[#subbuckets + 1] = { tonumber(counts[i]), tonumber(counts[i + 1]) } end
    table.sort(subbuckets, function(a, b) return a[1] > b[1] end)
  end
  return subbuckets
end

-- Whether an exact window finds all that it looks at in the log: what is counted by sub-buckets is older
local function is_logged(window, log_size)
  if not window.exact or log_size < window.limit then return false end
  return usage.joined <= tonumber(call('ZREVRANGE', log_key, window.limit - 1, window.limit - 1, 'WITHSCORES')[2])
end

-- How many stamps are later than an instant
local function stamps_after(window, instant, log_size, unknown_before)
  if unknown_before > instant then return math.huge end
  local sum = log_size > 0 and call('ZCOUNT', log_key, '(' .. int(instant), '+inf') or 0
  if usage.newest <= instant or is_logged(window, log_size) then return sum end
  for _, one in ipairs(all_subbuckets()) do
    if one[1] > instant then sum = sum + one[2] end
  end
  return sum
end

-- The same of the sub-buckets: the stamp of the newest place (0), the one before (1), and so on
local function coarse_stamp_at(index)
  local newer = 0
  for _, one in ipairs(all_subbuckets()) do
    newer = newer + one[2]
    if newer > index then return one[1] end
  end
end

-- The stamp of the newest place (0), the one before (1), and so on; nothing beyond the oldest
local function stamp_at(index, log_size, unknown_before)
  local stamp
  if index < log_size then
    stamp = tonumber(call('ZREVRANGE', log_key, index, index, 'WITHSCORES')[2])
  else
    stamp = coarse_stamp_at(index - log_size)
  end
  if unknown_before > 0 then return math.max(unknown_before, stamp or 0) end
  return stamp
end

-- The smallest number over all rules. A bucket is { capacity, interval, full }
local function free_places(windows, buckets, at, flying, log_size, unknown_before)
  local free = math.huge
  for _, window in ipairs(windows) do
    free = math.min(free, window.limit - flying - stamps_after(window, at - window.length, log_size, unknown_before))
  end
  for _, bucket in ipairs(buckets) do
    local full = math.max(at, bucket.full)
    free = math.min(free, math.floor((at + bucket.capacity * bucket.interval - full) / bucket.interval))
  end
  return math.max(0, free)
end
