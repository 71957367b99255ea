-- Prolongs claims of one key, in one atomic step.
--
-- ARGV   2 memory of records  3 margin  4 lease, then id, token and cost per claim
-- Reply  1 per claim that was prolonged, 0 where the token is not the message's newest: then its delivery counts as going
--        on if the message is unknown, otherwise as ending now
-- Cost   O(1) per claim

local remember, margin, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ids = {}
for arg = 5, #ARGV, 3 do ids[#ids + 1] = ARGV[arg] end

local state = call('HMGET', state_key, 'last', 'skew', 'flying')
local now = time_after(state[1], state[2])
local records, flying = read_records(ids), tonumber(state[3] or 0)

local replies, changes = {}, {}
local function fly(token, stamp, lease_end, cost)
  call('HSET', flight_key, token, stamp .. ':' .. lease_end .. ':' .. cost)
  if flying == 0 or tonumber(stamp) < flying then flying = tonumber(stamp) end
end
for i, id in ipairs(ids) do
  local token = ARGV[3 + 3 * i]
  local kind, current, attempt, place, till, takeover, cost, holder = string.match(records[i] or '', RECORD)
  if kind ~= 'c' or current ~= token then
    -- Its places may be in no window: as if it had left all of them long ago, so that the next question counts them
    local stamp = string.match(call('HGET', flight_key, token) or '', FLIGHT) or '1'
    fly(token, stamp, int(records[i] and now or now + lease), ARGV[4 + 3 * i])
    replies[i] = 0
  else
    local lease_end = int(now + lease)
    -- One that was given up for lost is under way again
    local stamp = string.match(call('HGET', flight_key, token) or '', FLIGHT) or int(now - margin)
    fly(token, stamp, lease_end, cost)
    changes[#changes + 1] = id
    changes[#changes + 1] = table.concat({ 'c', token, attempt, place, lease_end, takeover, cost, holder }, ':')
    replies[i] = 1
  end
end
write_records(changes, remember)
call('PEXPIRE', flight_key, ms(lease + remember))
if flying ~= tonumber(state[3] or 0) then
  call('HSET', state_key, 'flying', int(flying))
  if call('PTTL', state_key) < 0 then call('PEXPIRE', state_key, ms(lease + remember)) end
end
return replies
