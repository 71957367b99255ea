-- Second part of admission: clears what is over, and counts the free places.

-- Waiters that did not come back lose their places. If none came for its turn since one of them was due, all do: who only
-- came because a place was free says nothing of those before it

end_line(state[17], now)
local waiters, messages_waiting = call('ZCARD', line_key), call('ZCARD', due_key)
-- Of a line of which one half was evicted nothing is known
if (waiters == 0) ~= (messages_waiting == 0) then
  call('UNLINK', line_key, due_key)
  waiters, messages_waiting = 0, 0
end
local line_places = waiters > 0 and call('ZMSCORE', line_key, unpack(ids)) or {}
if waiters > 0 then
  local came = tonumber(state[13] or 0)
  local asking, told = {}, call('ZMSCORE', due_key, unpack(ids))
  for i, id in ipairs(ids) do
    asking[id] = true
    if told[i] and is_turn(tonumber(told[i])) then came = now end
  end
  if came == now then add(changes, 'came', now_text) end
  local before = '(' .. int(now - WAITER_GRACE)
  local overdue = call('ZRANGEBYSCORE', due_key, '-inf', before, 'WITHSCORES', 'LIMIT', 0, MAX_FORGOTTEN)
  if overdue[2] and came < math.floor(tonumber(overdue[2])) then
    call('UNLINK', line_key, due_key)
    waiters, messages_waiting, line_places = 0, 0, {}
  else
    for i = 1, #overdue, 2 do
      if not asking[overdue[i]] then
        waiters, messages_waiting = waiters - leave_line(overdue[i]), messages_waiting - 1
      end
    end
  end
end

-- Of calls whose leases have ended nothing more is known than that

local flying, until_time = tonumber(state[9] or 0), tonumber(state[10] or 0)
if until_time > 0 and until_time <= now then
  flying, until_time = 0, 0
  for _, one in ipairs(all_calls()) do
    if one.lease_end <= now then
      call('HDEL', state_key, one.field)
      end_delivery(int(draw_tickets(one.places)), one.places, one.lease_end, now)
    else
      flying = flying + one.places
      if until_time == 0 or one.lease_end < until_time then until_time = one.lease_end end
    end
  end
  write_ended(now, changes)
  log_size = usage.logged > 0 and call('ZCARD', log_key) or 0
end

-- Buckets; those of other rules pay, too

local known_buckets, other = state[16] or '', {}
if known_buckets ~= bucket_names then
  other = other_buckets(known_buckets, asked_buckets, now)
  for _, one in ipairs(other) do bucket_names = bucket_names .. one.field .. ' ' end
  if bucket_names ~= known_buckets then add(changes, 'buckets', bucket_names) end
end
local function unknown_until(bucket)
  return unknown_before > 0 and unknown_before + bucket.capacity * bucket.interval or 0
end
for i, bucket in ipairs(buckets) do
  local full = tonumber(state[fixed_fields + i] or nil)
  if not full then
    full = level_of_new(bucket, unknown_until(bucket), log_size, flying, now)
    add(changes, bucket.field, int(full))
  end
  bucket.full = math.max(full, unknown_until(bucket))
end

local free = now < hold and 0 or free_places(windows, buckets, now, flying, log_size, unknown_before)

-- How many of them have been free for so long that they are kept for nobody: all, where nobody in line comes soon, since
-- more are allowed than when they were told their due times
local counted_unclaimed
local function unclaimed()
  local _, head_due = line_head()
  if head_due > now + WAITER_GRACE then return free end
  if not counted_unclaimed then
    local since = now - WAITER_GRACE
    counted_unclaimed = since < hold and 0
      or math.min(free, free_places(windows, buckets, since, flying, log_size, unknown_before))
  end
  return counted_unclaimed
end
