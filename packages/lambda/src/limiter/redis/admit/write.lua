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
  add(changes, 'assumed', int(now + margin))
  for _, some in ipairs({ buckets, other }) do
    for _, bucket in ipairs(some) do
      bucket.full = full_after(bucket, math.max(bucket.full, unknown_until(bucket)), now, taken)
      add(changes, bucket.field, int(bucket.full))
    end
  end
end
write_calls(changes)
write_records(UNFINISHED, record_changes, changes)
write_ended(now, changes)
if usage.logged == now then log_size = call('ZCARD', log_key) end
tidy_usage(now, log_size, changes)
if usage.logged == now then log_size = call('ZCARD', log_key) end
subbuckets, logged = nil, {}

-- Due times, now that everybody of this call has a place

-- When a delivery under way will have ended is not known: at the earliest now
local assumed_end = math.max(taken > 0 and now + margin or tonumber(state[11] or 0), now, unknown_before)

local function place_due(start, place)
  local due = start
  for _, window in ipairs(windows) do
    local index = window.limit - 1 - place % window.limit
    local stamp = index < flying and assumed_end or stamp_at(window, index - flying, log_size, unknown_before)
    local first = stamp and math.max(start, stamp + window.length) or start
    due = math.max(due, first + math.floor(place / window.limit) * (window.length + margin))
  end
  for _, bucket in ipairs(buckets) do
    due = math.max(due, math.max(start, bucket.full) + (place + 1 - bucket.capacity) * bucket.interval)
  end
  return due
end

local due_additions = {}
local head, head_due = line_head()
if not head_is_costly() then head_due = 0 elseif not head then head_due = math.huge end
for i = 1, #ids do
  if not replies[i] then
    local position = claimed_before(known[i].place, aging, false)
    local cost = costs[i] or 1
    local turn = place_due(math.max(now, hold), position + cost - 1)
    local due = turn
    -- A place that is free now is kept for those in line for a while, once it was free and their head was due
    if cost <= free - taken then
      local since = math.max(place_due(hold, cost - 1), head_due)
      due = math.min(due, math.max(now + LEAST_WAIT, since + WAITER_GRACE))
    end
    add(due_additions, due == turn and int(due) or int(due) .. '.5', ids[i])
    replies[i] = '1 ' .. int(due) .. ' ' .. position
  end
end
if #due_additions > 0 then call('ZADD', due_key, unpack(due_additions)) end

-- Nothing stays for ever

local line_memory = 0
if waiters > 0 then
  local latest = call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2]
  line_memory = math.max(0, tonumber(latest) - now) + 2 * WAITER_GRACE
  add(changes, 'lined', int(now + line_memory))
  call('PEXPIRE', line_key, ms(line_memory + WAITER_GRACE))
  call('PEXPIRE', due_key, ms(line_memory + WAITER_GRACE))
end
if next_ticket > first_ticket then add(changes, 'ticket', int(next_ticket - 1)) end
if flying ~= tonumber(state[9] or 0) then add(changes, 'flying', int(flying)) end
if until_time ~= tonumber(state[10] or 0) then add(changes, 'until', int(until_time)) end
call('HSET', state_key, unpack(changes))
local kept = flying > 0 and usage_kept() + lease or usage_kept()
keep_state(math.max(kept, line_memory, paused_until - now, hold - now) + WAITER_GRACE, now)

local told = ARGV[8] == '?' and others_ahead .. ' ' or ''
return now_text .. ' ' .. int(server_now) .. ' ' .. lease_text .. ' ' .. told .. table.concat(replies, ' ')
