-- Deliveries that have ended, each with the stamp that windows run from, in a form that does not depend on who asked. The
-- newest are known one by one, by token, in the log: as many as the largest exact window needs. Older ones, and all of
-- them where there is no such window, are counted by sub-buckets, whose stamp is their end: a slot is taken a little
-- longer, never less. Sub-buckets grow with their age, and their lengths are powers of two.
--
-- `usage` has these fields of the state:
--   longest   how many deliveries the log must know      finest    the shortest sub-bucket, 0: none is asked for
--   span      the longest time that any rule looked at    joined    the newest delivery that is in a sub-bucket, 0: none is
--   compact   above how many sub-buckets they are joined  logged, counted  when either was written last
-- and, of this call: size, how many deliveries the log knows; stamps and counts, which are not written yet; what was read
-- of the sub-buckets.

local USAGE_FIELDS = { 'longest', 'finest', 'span', 'joined', 'compact', 'logged', 'counted' }

local function open_usage(state)
  if state.compact == 0 then state.compact = FIRST_COMPACTION end
  return {
    longest = state.longest, finest = state.finest, span = state.span, joined = state.joined, compact = state.compact,
    logged = state.logged, counted = state.counted,
    size = state.logged > 0 and call('ZCARD', log_key) or 0,
    stamps = {}, counts = {}, newest_counted = 0, sub_buckets = nil, in_log = nil, counting = nil, last_stamp = nil, last_stamp_text = nil
  }
end

-- From now on nothing is forgotten that these rules look at
local function look_at(usage, longest, finest, span)
  usage.longest, usage.span = max(usage.longest, longest), max(usage.span, span)
  local both = usage.finest > 0 and finest > 0
  usage.finest = both and min(usage.finest, finest) or usage.finest + finest
end

-- How long deliveries are remembered at least
local function usage_kept(usage) return max(HISTORY, usage.span) end

-- Whether something that was written, and that matters to rules which look back so far, is not there any more
local function was_lost(usage, span, now)
  if usage.size == 0 and usage.logged > 0 and usage.logged + span > now then return true end
  local matters = usage.counted > 0 and usage.counted + span > now and usage.joined + span > now
  return matters and call('EXISTS', counts_key) == 0
end

-- Calls a command with a list of pairs of any length, and sums its replies: Lua passes some thousand values at most
local function call_with(pairs, ...)
  local sum = 0
  for from = 1, #pairs, 1000 do
    local part = { ... }
    for i = from, min(from + 999, #pairs) do part[#part + 1] = pairs[i] end
    sum = sum + call(unpack(part))
  end
  return sum
end

-- What is needed where deliveries are counted by sub-buckets: created when it is, since every script is begun anew
local function counting(usage, now)
  if usage.counting then return usage.counting end

  local function coarse_stamp(stamp)
    local function end_of_sub_bucket(parts)
      local _, exponent = math.frexp(max(1, (now - stamp) / parts))
      local length = max(usage.finest, math.ldexp(1, exponent - 1))
      return math.ceil(stamp / length) * length
    end
    local few = end_of_sub_bucket(FEW_SUB_BUCKETS)
    -- A long sub-bucket that ends within a window would take what the window has let go once more
    return few <= now - usage.span and few or end_of_sub_bucket(SUB_BUCKETS)
  end

  local function count(stamp, slots)
    local coarse = coarse_stamp(stamp)
    usage.counts[coarse] = (usage.counts[coarse] or 0) + slots
    usage.newest_counted = max(usage.newest_counted, stamp)
  end

  local function write()
    local is_new = usage.counted == 0
    for stamp, slots in pairs(usage.counts) do call('HINCRBY', counts_key, int(stamp), slots) end
    usage.joined, usage.counted = max(usage.joined, usage.newest_counted), now
    usage.counts, usage.newest_counted, usage.sub_buckets, usage.in_log = {}, 0, nil, nil
    keep(counts_key, usage_kept(usage) + WAITER_GRACE, is_new)
  end

  -- Joins sub-buckets as their age allows, and forgets those that are too old
  local function compact()
    local all, joined, list, size = call('HGETALL', counts_key), {}, {}, 0
    for i = 1, #all, 2 do
      local stamp = tonumber(all[i])
      if stamp + usage_kept(usage) > now then
        local coarse = coarse_stamp(stamp)
        joined[coarse] = (joined[coarse] or 0) + tonumber(all[i + 1])
      end
    end
    for stamp, slots in pairs(joined) do
      add(list, int(stamp), slots)
      size = size + 1
    end
    call('UNLINK', counts_key)
    call_with(list, 'HSET', counts_key)
    if size > 0 then keep(counts_key, usage_kept(usage) + WAITER_GRACE, true) end
    usage.compact = FIRST_COMPACTION + 2 * size
  end

  usage.counting = { count = count, write = write, compact = compact }
  return usage.counting
end

-- A message that costs several slots has as many tokens in a row
local function end_delivery(usage, token, cost, stamp, now)
  if usage.longest == 0 then return counting(usage, now).count(stamp, cost) end
  -- Most deliveries of one call have the same stamp
  if usage.last_stamp ~= stamp then usage.last_stamp, usage.last_stamp_text = stamp, int(stamp) end
  add(usage.stamps, usage.last_stamp_text, token)
  for slot = 1, cost - 1 do add(usage.stamps, usage.last_stamp_text, int(token + slot)) end
end

-- Writes down which deliveries ended, for all that is read afterwards
local function write_ended(usage, now)
  if #usage.stamps > 0 then
    usage.size = usage.size + call_with(usage.stamps, 'ZADD', log_key, 'GT')
    keep(log_key, usage_kept(usage) + WAITER_GRACE, usage.logged == 0)
    usage.logged, usage.stamps, usage.sub_buckets, usage.in_log = now, {}, nil, nil
  end
  if usage.newest_counted > 0 then counting(usage, now).write() end
end

-- Counts the oldest of the log by sub-buckets when it knows more than any window needs, and joins sub-buckets
local function tidy_usage(usage, now)
  local superfluous = usage.size - usage.longest
  if superfluous > LOG_SLACK then
    local oldest = call('ZRANGE', log_key, 0, superfluous - 1, 'WITHSCORES')
    for i = 2, #oldest, 2 do counting(usage, now).count(tonumber(oldest[i]), 1) end
    call('ZREMRANGEBYRANK', log_key, 0, superfluous - 1)
    usage.size = usage.size - superfluous
    counting(usage, now).write()
  end
  if usage.counted == now and call('HLEN', counts_key) > usage.compact then counting(usage, now).compact() end
end

-- Appends to `changes` of the state
local function write_usage(usage, state, changes)
  for _, field in ipairs(USAGE_FIELDS) do
    if usage[field] ~= state[field] then add(changes, field, int(usage[field])) end
  end
end
