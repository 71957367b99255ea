-- Buckets: each is a field of the state, named capacity:interval, that holds when it will be full again. The field
-- `buckets` names those that are known. All of them pay for every place, whoever asks; one that is asked about for the
-- first time has the level that it would have if it had been there.

-- When a bucket will be full again after so many more places were taken. It is never emptier than empty
local function full_after(bucket, full, at, places)
  local empty = at + bucket.capacity * bucket.interval
  return math.min(math.max(at, full) + places * bucket.interval, math.max(empty, full))
end

-- Every delivery that is known: { stamp, places }, the oldest first
local function all_deliveries(log_size)
  local all = { unpack(all_subbuckets(log_size)) }
  local stamps = log_size > 0 and call('ZRANGE', log_key, 0, -1, 'WITHSCORES') or {}
  for i = 2, #stamps, 2 do all[#all + 1] = { tonumber(stamps[i]), 1 } end
  table.sort(all, function(a, b) return a[1] < b[1] end)
  return all
end

-- From when it was empty, where what was before is unknown. What counts from later on has happened by now
local function level_of_new(bucket, full, log_size, flying, now)
  for _, one in ipairs(all_deliveries(log_size)) do full = full_after(bucket, full, math.min(one[1], now), one[2]) end
  return full_after(bucket, full, now, flying)
end

-- Those of the names that are no longer asked about and not yet full; full ones are forgotten
local function other_buckets(names, asked, now)
  local others = {}
  for capacity, interval in string.gmatch(names, '(%d+):(%d+)') do
    local field = capacity .. ':' .. interval
    if not asked[field] then
      local full = tonumber(call('HGET', state_key, field) or 0)
      if full > now then
        others[#others + 1] = {
          capacity = tonumber(capacity), interval = tonumber(interval), full = full, field = field
        }
      else
        call('HDEL', state_key, field)
      end
    end
  end
  return others
end
