-- How much of each rule is taken. A window is { limit, length, exact }, a bucket { capacity, interval, full }.
-- `unknown_before`: earlier slots count as taken.

-- Newest first: { stamp, count, how many of the log are as new or newer } of every sub-bucket. It ends later than what it
-- counts, and so perhaps than what is in the log; but nothing is newer there than the newest that was joined
local function all_sub_buckets(usage)
  if usage.sub_buckets then return usage.sub_buckets end
  local all, size = {}, usage.size
  local counts = usage.joined > 0 and call('HGETALL', counts_key) or {}
  local oldest = #counts > 0 and size > 0 and tonumber(call('ZRANGE', log_key, 0, 0, 'WITHSCORES')[2])
  for i = 1, #counts, 2 do
    local stamp = min(tonumber(counts[i]), usage.joined)
    local newer = oldest and oldest < stamp and call('ZCOUNT', log_key, int(stamp), '+inf') or size
    all[#all + 1] = { stamp, tonumber(counts[i + 1]), newer }
  end
  table.sort(all, function(a, b) return a[1] > b[1] end)
  usage.sub_buckets = all
  return all
end

-- The stamp of the newest of the log (0), the one before (1), and so on; nil beyond the oldest
local function logged_stamp_at(usage, index)
  if index < usage.size then return tonumber(call('ZREVRANGE', log_key, index, index, 'WITHSCORES')[2]) end
end

-- The same of all that is known, in the log and by sub-buckets
local function known_stamp_at(usage, index)
  local counted = 0
  for _, one in ipairs(all_sub_buckets(usage)) do
    if index < counted + one[3] then return logged_stamp_at(usage, index - counted) end
    counted = counted + one[2]
    if index < counted + one[3] then return one[1] end
  end
  return logged_stamp_at(usage, index - counted)
end

-- Whether an exact window finds all that it looks at in the log: what is counted by sub-buckets is older
local function is_logged(usage, window)
  if not window.exact or usage.size < window.limit then return false end
  if usage.joined == 0 then return true end
  if not usage.in_log then usage.in_log = {} end
  local known = usage.in_log[window]
  if known == nil then
    known = usage.joined <= logged_stamp_at(usage, window.limit - 1)
    usage.in_log[window] = known
  end
  return known
end

-- How many stamps are later than an instant
local function stamps_after(usage, window, instant, unknown_before)
  if unknown_before > instant then return math.huge end
  local sum = usage.size > 0 and call('ZCOUNT', log_key, '(' .. int(instant), '+inf') or 0
  if usage.joined <= instant or is_logged(usage, window) then return sum end
  for _, one in ipairs(all_sub_buckets(usage)) do
    if one[1] > instant then sum = sum + one[2] end
  end
  return sum
end

-- The smallest number over all rules
local function free_slots(rules, usage, in_flight, at, unknown_before)
  local free = math.huge
  for _, window in ipairs(rules.windows) do
    local ended = stamps_after(usage, window, at - window.length, unknown_before)
    free = min(free, window.limit - in_flight.slots - ended)
  end
  for _, bucket in ipairs(rules.buckets) do
    local full = max(at, bucket.full)
    free = min(free, floor((at + bucket.capacity * bucket.interval - full) / bucket.interval))
  end
  return max(0, free)
end

-- When slot number `slot` from now (0 is the next) comes up, if nothing is admitted before `start`
local function slot_due(rules, usage, in_flight, assumed_end, unknown_before, start, slot)
  local due = start
  for _, window in ipairs(rules.windows) do
    local index, stamp = window.limit - 1 - slot % window.limit - in_flight.slots, assumed_end
    if index >= 0 then
      local in_log = usage.joined > 0 and is_logged(usage, window)
      stamp = in_log and logged_stamp_at(usage, index) or known_stamp_at(usage, index)
      if unknown_before > 0 then stamp = max(unknown_before, stamp or 0) end
    end
    local first = stamp and max(start, stamp + window.length) or start
    due = max(due, first + floor(slot / window.limit) * (window.length + rules.margin))
  end
  for _, bucket in ipairs(rules.buckets) do
    due = max(due, max(start, bucket.full) + (slot + 1 - bucket.capacity) * bucket.interval)
  end
  return due
end
