-- How much of each window is taken. A window is { limit, length, exact }. `log_size`: how many deliveries the log knows.
-- `unknown_before`: what lies before counts as taken.

-- What of it was read, until something is written
local subbuckets, logged = nil, {}

-- Newest first: { stamp, count, how many of the log are as new or newer } of every sub-bucket. It ends later than what it
-- counts, and so perhaps than what is in the log; but nothing is newer there than the newest that was joined
local function all_subbuckets(log_size)
  if not subbuckets then
    subbuckets = {}
    local counts = usage.joined > 0 and call('HGETALL', counts_key) or {}
    local oldest = #counts > 0 and log_size > 0 and tonumber(call('ZRANGE', log_key, 0, 0, 'WITHSCORES')[2])
    for i = 1, #counts, 2 do
      local stamp = math.min(tonumber(counts[i]), usage.joined)
      local newer = oldest and oldest < stamp and call('ZCOUNT', log_key, int(stamp), '+inf') or log_size
      subbuckets[#subbuckets + 1] = { stamp, tonumber(counts[i + 1]), newer }
    end
    table.sort(subbuckets, function(a, b) return a[1] > b[1] end)
  end
  return subbuckets
end

-- The stamp of the newest of the log (0), the one before (1), and so on; nothing beyond the oldest
local function logged_stamp_at(index, log_size)
  if index < log_size then return tonumber(call('ZREVRANGE', log_key, index, index, 'WITHSCORES')[2]) end
end

-- The same of all that is known, in the log and by sub-buckets
local function known_stamp_at(index, log_size)
  local counted = 0
  for _, one in ipairs(all_subbuckets(log_size)) do
    if index < counted + one[3] then return logged_stamp_at(index - counted, log_size) end
    counted = counted + one[2]
    if index < counted + one[3] then return one[1] end
  end
  return logged_stamp_at(index - counted, log_size)
end

-- Whether an exact window finds all that it looks at in the log: what is counted by sub-buckets is older
local function is_logged(window, log_size)
  if not window.exact or log_size < window.limit then return false end
  if logged[window] == nil then logged[window] = usage.joined <= logged_stamp_at(window.limit - 1, log_size) end
  return logged[window]
end

-- The stamp of the newest place of a window (0), the one before (1), and so on, as must be assumed
local function stamp_at(window, index, log_size, unknown_before)
  local in_log = usage.joined > 0 and is_logged(window, log_size)
  local stamp = in_log and logged_stamp_at(index, log_size) or known_stamp_at(index, log_size)
  if unknown_before > 0 then return math.max(unknown_before, stamp or 0) end
  return stamp
end

-- How many stamps are later than an instant
local function stamps_after(window, instant, log_size, unknown_before)
  if unknown_before > instant then return math.huge end
  local sum = log_size > 0 and call('ZCOUNT', log_key, '(' .. int(instant), '+inf') or 0
  if usage.joined <= instant or is_logged(window, log_size) then return sum end
  for _, one in ipairs(all_subbuckets(log_size)) do
    if one[1] > instant then sum = sum + one[2] end
  end
  return sum
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
