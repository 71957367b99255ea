-- Deliveries that have ended, each with the stamp that windows run from, in a form that does not depend on who asked. The
-- newest are known one by one, by token, in the log: as many as the largest exact window needs. Older ones, and all of
-- them where there is no such window, are counted by sub-buckets, whose stamp is their end: a place is taken a little
-- longer, never less. Sub-buckets grow with their age, and their lengths are powers of two.
--
-- `usage` is what the state knows of this:
--   longest   how many deliveries the log must know      finest    the shortest sub-bucket, 0: none is asked for
--   span      the longest time that any rule looked at    joined    the newest delivery that is in a sub-bucket, 0: none is
--   compact   above how many sub-buckets they are joined  logged, counted  when either was written last

local USAGE_FIELDS = { 'longest', 'finest', 'span', 'joined', 'compact', 'logged', 'counted' }
local usage = {}

-- `values` of the fields, from the one before `from`
local function read_usage(values, from)
  for i, field in ipairs(USAGE_FIELDS) do usage[field] = tonumber(values[from + i] or 0) end
  if usage.compact == 0 then usage.compact = FIRST_COMPACTION end
end

local function change_usage(field, value, changes)
  if usage[field] == value then return end
  usage[field] = value
  add(changes, field, int(value))
end

-- From now on nothing is forgotten that these rules look at
local function look_at(log_length, finest, span, changes)
  change_usage('longest', math.max(usage.longest, log_length), changes)
  change_usage('span', math.max(usage.span, span), changes)
  if usage.finest == 0 or finest == 0 then
    change_usage('finest', usage.finest + finest, changes)
  else
    change_usage('finest', math.min(usage.finest, finest), changes)
  end
end

local function usage_kept() return math.max(HISTORY, usage.span) end

-- Whether what was written at `at` still matters to whoever looks back so far, and is not there
local function lost(key, at, span, now) return at > 0 and at + span > now and call('EXISTS', key) == 0 end

local function power_of_two_up_to(value)
  if value < 1 then return 1 end
  local _, exponent = math.frexp(value)
  return math.ldexp(1, exponent - 1)
end

local function end_of_sub_bucket(stamp, now, parts)
  local grain = math.max(usage.finest, power_of_two_up_to(math.max(0, now - stamp) / parts))
  return math.ceil(stamp / grain) * grain
end

-- A long sub-bucket that ends within a window would take what the window has let go once more
local function coarse_stamp(stamp, now)
  local few = end_of_sub_bucket(stamp, now, FEW_SUB_BUCKETS)
  if few <= now - usage.span then return few end
  return end_of_sub_bucket(stamp, now, SUB_BUCKETS)
end

local ended_stamps, ended_counts, newest_counted = {}, {}, 0

local function count_ended(stamp, places, now)
  local coarse = coarse_stamp(stamp, now)
  ended_counts[coarse] = (ended_counts[coarse] or 0) + places
  newest_counted = math.max(newest_counted, stamp)
end

-- A message that costs several places has as many tokens in a row
local function end_delivery(token, cost, stamp, now)
  if usage.longest == 0 then return count_ended(stamp, cost, now) end
  local stamp_text = int(stamp)
  for place = 0, cost - 1 do
    add(ended_stamps, stamp_text, place == 0 and token or int(token + place))
  end
end

local function write_counts(now, changes)
  if newest_counted == 0 then return end
  for stamp, places in pairs(ended_counts) do call('HINCRBY', counts_key, int(stamp), places) end
  change_usage('joined', math.max(usage.joined, newest_counted), changes)
  change_usage('counted', now, changes)
  keep(counts_key, usage_kept() + WAITER_GRACE)
  ended_counts, newest_counted = {}, 0
end

-- Writes down what ended, for all that is read afterwards
local function write_ended(now, changes)
  if #ended_stamps > 0 then
    call_with(ended_stamps, 'ZADD', log_key, 'GT')
    keep(log_key, usage_kept() + WAITER_GRACE)
    change_usage('logged', now, changes)
    ended_stamps = {}
  end
  write_counts(now, changes)
end

local function compact_counts(now, changes)
  local all, joined, pairs_of_joined = call('HGETALL', counts_key), {}, {}
  for i = 1, #all, 2 do
    local stamp = tonumber(all[i])
    if stamp + usage_kept() > now then
      local coarse = coarse_stamp(stamp, now)
      joined[coarse] = (joined[coarse] or 0) + tonumber(all[i + 1])
    end
  end
  local size = 0
  for stamp, places in pairs(joined) do
    add(pairs_of_joined, int(stamp), places)
    size = size + 1
  end
  call('UNLINK', counts_key)
  call_with(pairs_of_joined, 'HSET', counts_key)
  if size > 0 then keep(counts_key, usage_kept() + WAITER_GRACE) end
  change_usage('compact', FIRST_COMPACTION + 2 * size, changes)
end

-- Counts the oldest of the log by sub-buckets when it knows more than any window needs, and joins sub-buckets
local function tidy_usage(now, log_size, changes)
  local superfluous, counted = log_size - usage.longest, usage.counted == now
  if superfluous > LOG_SLACK then
    local oldest = call('ZRANGE', log_key, 0, superfluous - 1, 'WITHSCORES')
    for i = 2, #oldest, 2 do count_ended(tonumber(oldest[i]), 1, now) end
    call('ZREMRANGEBYRANK', log_key, 0, superfluous - 1)
    write_counts(now, changes)
    counted = true
  end
  if counted and call('HLEN', counts_key) > usage.compact then compact_counts(now, changes) end
end
