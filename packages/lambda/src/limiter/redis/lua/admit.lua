-- Decides, in one atomic step, which candidates of one key may be delivered now. The memory limiter says the same in
-- TypeScript; a random test compares the two.
--
-- ARGV   2 owner of this call  3 lease  4 memory of settled records  5 the longest time that the rules look at  6 margin
--        7 cold start: full; or 0; or, from who has seen this server's clock jump ahead, the latest time that it could
--        have shown then without the jump
--        8 when this server answered the asker last (0: never)
--        9 by how many ms this server's clock is ahead of the asker's, or nothing, or ? to be told by how many it is of
--        others'
--        10 aging (0: none)  11 how many deliveries exact windows look at  12 the shortest sub-bucket (0: none)
--        13 windows w  14 buckets b  15 priorities, a digit per candidate  16 costs, a number and a comma per candidate,
--        or nothing where all are 1, then w × (limit, length, 1 where exact), b × (capacity, interval), then the id of
--        each candidate
-- Reply  a text of numbers: now, the server's own time, the lease end, for ? the least and the most of others (1 0: not
--        known), then one after the other per candidate:
--        0 (granted), token, attempt, past; 6 (granted as the one before, with the next token); 5 (granted before, to this
--        very call), token, attempt, past, lease end; 1 (wait), due, position; 2 (busy), retry; 3 (delivered); 4 (dead);
--        7 (condemned), token, attempts, verdict
-- Cost   O(log n) per window and per candidate, n the length of the log or the queue

-- The question

local FIRST_RULE = 17
local lease, span, margin, aging = tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[10])
local fields = { 'rules', 'buckets', 'single', 'ticket', 'hold', 'last', 'skew', 'cold', 'paused', 'unknown', 'flying',
  'until', 'assumed', 'came', 'unfinished', 'settled', 'lined', unpack(USAGE_FIELDS) }

local rules, arg = { windows = {}, buckets = {}, slots = math.huge, margin = margin }, FIRST_RULE
for i = 1, tonumber(ARGV[13]) do
  local limit = tonumber(ARGV[arg])
  rules.windows[i] = { limit = limit, length = tonumber(ARGV[arg + 1]), exact = ARGV[arg + 2] == '1' }
  rules.slots, arg = min(rules.slots, limit), arg + 3
end
for i = 1, tonumber(ARGV[14]) do
  local capacity, field = tonumber(ARGV[arg]), ARGV[arg] .. ':' .. ARGV[arg + 1]
  rules.buckets[i] = { capacity = capacity, interval = tonumber(ARGV[arg + 1]), field = field }
  rules.slots, arg = min(rules.slots, capacity), arg + 2
  fields[#fields + 1] = field
end
local rules_text = ARGV[10] .. ',' .. ARGV[13] .. ',' .. table.concat(ARGV, ',', FIRST_RULE, arg - 1)

local ids = { unpack(ARGV, arg) }
local ranks, costs, wanted = { string.byte(ARGV[15], 1, #ids) }, {}, #ids
for i = 1, #ids do ranks[i] = ranks[i] - 48 end
if ARGV[16] ~= '' then
  wanted = 0
  for cost in string.gmatch(ARGV[16], '%d+') do
    costs[#costs + 1] = tonumber(cost)
    wanted = wanted + cost
  end
end

-- The state of the key, and what it may have forgotten

local state, changes = read_state(3, fields), {}
local now = time_after(state, changes)
if rules_text ~= state.rules then add(changes, 'rules', rules_text) end
local usage = open_usage(state)
-- Callers with other rules may share the key: nothing is forgotten that one of them still looks at
look_at(usage, tonumber(ARGV[11]), tonumber(ARGV[12]), span)
local pages = open_pages(state, tonumber(ARGV[4]), now)
local unknown_before, others_ahead, problem = 0, '1 0', nil
if ARGV[7] ~= 'full' then
  unknown_before, others_ahead, problem = notice_loss(tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9], span,
    state, usage, pages, now, changes)
  if problem then return redis.error_reply(problem) end
end
begin_pages(pages, changes)

-- What is over is cleared

local first_ticket = max(state.ticket + 1, now)
local next_ticket = first_ticket
local queue = open_queue(state, ids, now, changes)
local in_flight = open_in_flight(state)
if in_flight.earliest_end > 0 and in_flight.earliest_end <= now then
  -- Of calls whose leases have ended nothing more is known than that
  in_flight.slots, in_flight.earliest_end = 0, 0
  for _, one in ipairs(all_calls()) do
    if one.lease_end <= now then
      call('HDEL', state_key, one.field)
      end_delivery(usage, int(next_ticket), one.slots, one.lease_end, now)
      next_ticket = next_ticket + one.slots
    else
      in_flight.slots = in_flight.slots + one.slots
      expect_end(in_flight, one.lease_end)
    end
  end
  write_ended(usage, now)
end

-- How many slots are free

-- A paused key is held a while longer with every question
local hold = now < state.paused and max(state.hold, now + PAUSE_HOLD) or state.hold
local has_buckets, draw_tokens = rules.buckets[1] or state.buckets ~= '', nil
if has_buckets then draw_tokens = open_buckets(rules, state, usage, in_flight, unknown_before, now, changes) end
local free = now < hold and 0 or free_slots(rules, usage, in_flight, now, unknown_before)

-- Exact windows in which a slot of this call was another's before, perhaps not long ago: in others no stamp matters
local tight = {}
for _, window in ipairs(rules.windows) do
  local was_used = usage.joined > 0 or usage.size + in_flight.slots + min(free, wanted) > window.limit
  if window.exact and (was_used or unknown_before + window.length >= now - margin) then tight[#tight + 1] = window end
end

local moment = {
  now = now, hold = hold, unknown_before = unknown_before, lease_end = now + lease, margin = margin, aging = aging,
  owner = ARGV[2], rules = rules, ids = ids, ranks = ranks, costs = costs, usage = usage, in_flight = in_flight,
  queue = queue, free = free, unclaimed = nil, taken = 0, granted = 0, next_ticket = next_ticket, tight = tight,
  newer = in_flight.slots, records = {}, was_resent = false
}

-- What is known of the candidates, and their turns: by position in the queue; newcomers after the waiters of their priority,
-- in the order in which they were asked about

local records, known, newcomer = read_records(pages, ids), {}, next_ticket - TICKET_EPOCH
local previous, turns = 0, nil
for i = 1, #ids do
  local record, position = records[i], queue.positions[i]
  if record or position then
    known[i] = read_known(record, position)
    position = known[i].position
  end
  local order = position or ranks[i] * POSITIONS_PER_PRIORITY + newcomer
  if aging > 0 then order = order_of(order, aging) end
  if order < previous then turns = {} end
  previous = order
end
if turns then turns = in_order(moment, known, newcomer) end

-- The free slots go to who goes first; the others join the queue

local replies = decide(moment, known, turns)

-- What is in flight from now on, and what it takes

local taken = moment.taken
if taken > 0 then
  start_call(in_flight, moment, not moment.was_resent)
  add(changes, 'assumed', int(now + margin))
  if draw_tokens then draw_tokens(taken) end
end
write_calls(in_flight, state, changes)
write_records(pages.unfinished, moment.records, now, changes)
write_ended(usage, now)
tidy_usage(usage, now)
write_usage(usage, state, changes)

-- Due times of those who wait, now that everybody of this call has a position

local queue_memory = 0
if queue.messages > 0 then
  -- When a delivery in flight will have ended is not known: at the earliest now
  local assumed_end = max(taken > 0 and now + margin or state.assumed, now, unknown_before)
  local head, head_due = queue_head()
  if not head_is_costly(queue) then head_due = 0 elseif not head then head_due = math.huge end
  local list = {}
  for i = 1, #ids do
    if not replies[i] then
      local ahead, cost = claimed_before(queue.positions[i], aging), costs[i] or 1
      local turn = slot_due(rules, usage, in_flight, assumed_end, unknown_before, max(now, hold), ahead + cost - 1)
      local due = turn
      -- A slot that is free now is kept for those in the queue for a while, once it was free and their head was due
      if cost <= free - taken then
        local free_since = slot_due(rules, usage, in_flight, assumed_end, unknown_before, hold, cost - 1)
        due = min(due, max(now + LEAST_WAIT, max(free_since, head_due) + WAITER_GRACE))
      end
      add(list, due == turn and int(due) or int(due) .. '.5', ids[i])
      replies[i] = '1 ' .. int(due) .. ' ' .. ahead
    end
  end
  if #list > 0 then call('ZADD', due_key, unpack(list)) end
  local latest = call('ZREVRANGE', due_key, 0, 0, 'WITHSCORES')[2]
  queue_memory = max(0, latest - now) + 2 * WAITER_GRACE
  add(changes, 'lined', int(now + queue_memory))
  call('PEXPIRE', queue_key, ms(queue_memory + WAITER_GRACE))
  call('PEXPIRE', due_key, ms(queue_memory + WAITER_GRACE))
elseif state.lined > 0 then
  add(changes, 'lined', '0')
end

-- Nothing stays for ever

if moment.next_ticket > first_ticket then add(changes, 'ticket', int(moment.next_ticket - 1)) end
call('HSET', state_key, unpack(changes))
local kept = in_flight.slots > 0 and usage_kept(usage) + lease or usage_kept(usage)
keep_state(state, max(kept, queue_memory, state.paused - now, hold - now), now)

local told = ARGV[9] == '?' and others_ahead .. ' ' or ''
return format('%d %d %d ', now, server_now, moment.lease_end) .. told .. table.concat(replies, ' ')
