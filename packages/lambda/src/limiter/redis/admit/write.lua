-- Last part of admission: writes everything down, and tells those who wait when to come back.

-- What is under way from now on, and what that takes

if taken > 0 then
  if not resent then calls[owner] = read_call('call:' .. owner, '0:0:0:0') end
  local own = call_of(owner)
  if own.messages == 0 then own.begun = now end
  own.lease_end = math.max(own.lease_end, lease_end)
  own.messages, own.places = own.messages + granted, own.places + taken
  flying = flying + taken
  if until_time == 0 or lease_end < until_time then until_time = lease_end end
  add(changes, 'granted', now_text)
end
write_calls(changes)
write_records(record_changes, remember)
write_ended(longest, grains, now, usage_memory_kept + WAITER_GRACE, changes)
if #grains > 0 then
  -- The newest stays: it shows that nothing was lost
  for _, window in ipairs(windows) do
    for i, one in ipairs(window.grain > 0 and subbuckets_of(window) or {}) do
      if i > 1 and one[1] + window.length <= now then call('HDEL', counts_key, int(window.grain) .. ':' .. int(one[1])) end
    end
  end
  subbuckets = nil
end
for _, bucket in ipairs(buckets) do
  bucket.full = bucket.full + taken * bucket.interval
  add(changes, bucket.field, int(bucket.full))
end

-- Due times, now that everybody of this call has a place

-- When a delivery under way will have ended is not known: at the earliest now
local assumed_end = math.max(taken > 0 and now or tonumber(state[16] or 0), now - margin, unknown_before)

local function place_due(start, place)
  local due = start
  for _, window in ipairs(windows) do
    local index = window.limit - 1 - place % window.limit
    local stamp = index < flying and assumed_end or stamp_at(window, index - flying, unknown_before)
    local first = stamp and math.max(start, stamp + window.length) or start
    due = math.max(due, first + math.floor(place / window.limit) * window.length)
  end
  for _, bucket in ipairs(buckets) do
    due = math.max(due, math.max(start, bucket.full) + (place + 1 - bucket.capacity) * bucket.interval)
  end
  return due
end

local due_additions = {}
for i = 1, #ids do
  if not replies[i] then
    local position = claimed_before(known[i].place, aging, false)
    local due = int(place_due(math.max(now, hold), position + (costs[i] or 1) - 1))
    add(due_additions, due, ids[i])
    replies[i] = '1 ' .. due .. ' ' .. position
  end
end
if #due_additions > 0 then call('ZADD', due_key, unpack(due_additions)) end

-- Nothing stays for ever

local line_memory = 0
if waiters > 0 then
  local latest = call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2]
  line_memory = math.max(0, tonumber(latest) - now) + WAITER_GRACE
  call('PEXPIRE', line_key, ms(line_memory))
  call('PEXPIRE', due_key, ms(line_memory))
end
if next_ticket > first_ticket then add(changes, 'ticket', int(next_ticket - 1)) end
if flying ~= tonumber(state[14] or 0) then add(changes, 'flying', int(flying)) end
if until_time ~= tonumber(state[15] or 0) then add(changes, 'until', int(until_time)) end
call('HSET', state_key, unpack(changes))
local usage_kept = flying > 0 and usage_memory_kept + lease or usage_memory_kept
keep(state_key, math.max(usage_kept, line_memory, paused and PAUSE_MEMORY or 0, hold - now) + WAITER_GRACE)

return now_text .. ' ' .. int(server_now) .. ' ' .. lease_text .. ' ' .. table.concat(replies, ' ')
