-- Prolongs claims of one key, in one atomic step.
--
-- ARGV   2 memory of settled records  3 lease, then id, token and cost per claim
-- Reply  1 per claim that was prolonged, 0 where the token is not the message's newest: then its delivery counts as going
--        on if the message is unknown, otherwise as ending now
-- Cost   O(1) per claim

-- A claim is in flight for a lease more; one that was given up for lost is so again
local function renew_call(in_flight, owner, till, cost, now, lease_end)
  local one = call_of(in_flight, owner)
  local was_lost = one.messages == 0 or till <= one.begun
  if one.messages == 0 then one.begun = now end
  one.lease_end = max(one.lease_end, lease_end)
  if not was_lost then return end
  one.messages, one.slots = one.messages + 1, one.slots + cost
  in_flight.slots = in_flight.slots + cost
end

local FIRST_CLAIM, ids = 4, {}
for arg = FIRST_CLAIM, #ARGV, 3 do ids[#ids + 1] = ARGV[arg] end

local state, changes = read_state(1, { 'single', 'last', 'skew', 'flying', 'until', 'span', 'unfinished', 'settled' }), {}
local now, lease = time_after(state, changes), tonumber(ARGV[3])
local lease_end = now + lease
local pages, in_flight = open_pages(state, tonumber(ARGV[2]), now), open_in_flight(state)
local records = read_records(pages, ids)

local replies, renewed = {}, {}
for i, id in ipairs(ids) do
  local arg = FIRST_CLAIM + 3 * (i - 1)
  local claim_token = ARGV[arg + 1]
  local kind, token, attempt, position, till, past, cost, stamp, owner = string.match(records[i] or '', RECORD)
  if kind == 'c' and token == claim_token then
    renew_call(in_flight, owner, tonumber(till), tonumber(cost), now, lease_end)
    add(renewed, id, table.concat({ 'c', token, attempt, position, int(lease_end), past, cost, stamp, owner }, ':'))
    replies[i] = 1
  else
    -- A delivery that is known no more goes on, as a call by the name of its token
    local its_end = records[i] and now or lease_end
    renew_call(in_flight, claim_token, math.huge, tonumber(ARGV[arg + 2]), now, its_end)
    expect_end(in_flight, its_end)
    replies[i] = 0
  end
end
expect_end(in_flight, lease_end)

write_records(pages.unfinished, renewed, now, changes)
write_calls(in_flight, state, changes)
call('HSET', state_key, unpack(changes))
keep_state(state, lease + max(HISTORY, state.span), now)
return replies
