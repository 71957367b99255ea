-- Buckets: each is a field of the state, named capacity:interval, that holds when it will be full again. The field
-- `buckets` names those that are known. All of them pay for every slot, whoever asks; one that is asked about for the
-- first time has the level that it would have if it had been there.

-- When a bucket is full again that was empty when all that is known begins
local function empty_until(bucket, unknown_before)
  return unknown_before > 0 and unknown_before + bucket.capacity * bucket.interval or 0
end

-- Fills in the levels of the buckets that are asked about. Returns a function by which all that are known pay
local function open_buckets(rules, state, usage, in_flight, unknown_before, now, changes)
  -- When a bucket will be full again after so many more slots were taken. It is never emptier than empty
  local function full_after(bucket, full, at, slots)
    local empty = at + bucket.capacity * bucket.interval
    return min(max(at, full) + slots * bucket.interval, max(empty, full))
  end

  -- The level of a bucket that was not asked about before. Stamps of later than now count as now
  local function level_of_new(bucket)
    local deliveries = { unpack(all_sub_buckets(usage)) }
    local stamps = usage.size > 0 and call('ZRANGE', log_key, 0, -1, 'WITHSCORES') or {}
    for i = 2, #stamps, 2 do deliveries[#deliveries + 1] = { tonumber(stamps[i]), 1 } end
    table.sort(deliveries, function(a, b) return a[1] < b[1] end)
    local full = empty_until(bucket, unknown_before)
    for _, one in ipairs(deliveries) do full = full_after(bucket, full, min(one[1], now), one[2]) end
    return full_after(bucket, full, now, in_flight.slots)
  end

  local buckets, asked, names = {}, {}, ''
  for i, bucket in ipairs(rules.buckets) do
    buckets[i], asked[bucket.field] = bucket, true
    names = names .. bucket.field .. ' '
    local full = state[bucket.field]
    if full == 0 then
      full = level_of_new(bucket)
      add(changes, bucket.field, int(full))
    end
    bucket.full = max(full, empty_until(bucket, unknown_before))
  end
  -- Others are known until they are full
  for capacity, interval in string.gmatch(state.buckets == names and '' or state.buckets, '(%d+):(%d+)') do
    local field = capacity .. ':' .. interval
    if not asked[field] then
      local full = tonumber(call('HGET', state_key, field) or 0)
      if full > now then
        add(buckets, { capacity = tonumber(capacity), interval = tonumber(interval), full = full, field = field })
        names = names .. field .. ' '
      else
        call('HDEL', state_key, field)
      end
    end
  end
  if names ~= state.buckets then add(changes, 'buckets', names) end

  return function(slots)
    for _, bucket in ipairs(buckets) do
      bucket.full = full_after(bucket, max(bucket.full, empty_until(bucket, unknown_before)), now, slots)
      add(changes, bucket.field, int(bucket.full))
    end
  end
end
