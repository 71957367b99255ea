-- Second part of admission: clears what is over, and counts the free places.

-- Waiters that did not come back lose their place

local waiters = call('ZCARD', line_key)
if waiters > 0 then
  local asking = {}
  for _, id in ipairs(ids) do asking[id] = true end
  local overdue = call('ZRANGEBYSCORE', due_key, '-inf', '(' .. int(now - WAITER_GRACE), 'LIMIT', 0, MAX_FORGOTTEN)
  for _, id in ipairs(overdue) do
    if not asking[id] then waiters = waiters - leave_line(id) end
  end
end

-- Of calls whose leases have ended nothing more is known than that

local flying, until_time = tonumber(state[14] or 0), tonumber(state[15] or 0)
if until_time > 0 and until_time <= now then
  flying, until_time = 0, 0
  for _, one in ipairs(all_calls()) do
    if one.lease_end <= now then
      call('HDEL', state_key, one.field)
      end_delivery(int(draw_tickets(one.places)), one.places, one.lease_end - margin)
    else
      flying = flying + one.places
      if until_time == 0 or one.lease_end < until_time then until_time = one.lease_end end
    end
  end
  write_ended(longest, grains, now, usage_memory_kept + WAITER_GRACE, changes)
  if log_length > 0 then log_size = call('ZCARD', log_key) end
end

local free = now < hold and 0 or free_places(windows, buckets, now, flying, unknown_before)
