-- Decides, in one atomic step, which candidates of one key may be delivered now. The memory limiter says the same in
-- TypeScript; a random test compares the two. The script has five parts: what it works with (this one), which places
-- are free (places.lua), who is asked about first (order.lua), who gets them (decide.lua), and what is written down
-- (write.lua).
--
-- ARGV   2 owner of this call  3 lease  4 memory of records  5 memory of usage  6 margin  7 cold start: full, or
--        the latest time that this server can show by the clocks of who asks (0: unknown)
--        8 aging (0: none)  9 windows w  10 buckets b  11 priorities, a digit per candidate  12 costs, a number
--        and a comma per candidate, or nothing where all are 1, then w × (limit, length, grain), b × (capacity,
--        interval), then the id of each candidate
-- Reply  a text of numbers: now, the server's own time, the lease end, then one after the other per candidate:
--        0 (granted), token, attempt, past; 6 (granted as the one before, with the next
--        token); 5 (granted before, to this very call), token, attempt, past,
--        lease end; 1 (wait), due, position; 2 (busy), retry; 3 (delivered); 4 (dead);
--        7 (condemned), token, attempts, verdict
-- Cost   O(log n) per window and per candidate, n the length of the log or the line

local owner, lease, remember, margin = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6])
local aging = tonumber(ARGV[8])

-- Arguments

local windows, buckets, grains = {}, {}, {}
local usage_memory, log_length, places_in_all, next_arg = tonumber(ARGV[5]), 0, math.huge, 13
for i = 1, tonumber(ARGV[9]) do
  local window = {
    limit = tonumber(ARGV[next_arg]), length = tonumber(ARGV[next_arg + 1]), grain = tonumber(ARGV[next_arg + 2])
  }
  windows[i] = window
  places_in_all = math.min(places_in_all, window.limit)
  if window.grain == 0 then log_length = math.max(log_length, window.limit) else grains[#grains + 1] = window.grain end
  next_arg = next_arg + 3
end
local state_fields = { 'ticket', 'hold', 'last', 'skew', 'logged', 'cold', 'paused', 'unknown', 'turned', 'longest',
  'memory', 'rules', 'counted', 'flying', 'until', 'granted', 'single' }
local fixed_fields = #state_fields
for i = 1, tonumber(ARGV[10]) do
  local capacity, interval = ARGV[next_arg], ARGV[next_arg + 1]
  buckets[i] = { capacity = tonumber(capacity), interval = tonumber(interval), field = capacity .. ':' .. interval }
  places_in_all = math.min(places_in_all, capacity)
  state_fields[fixed_fields + i] = buckets[i].field
  next_arg = next_arg + 2
end
local ids = { unpack(ARGV, next_arg) }

-- State and time: a clock that steps back is carried on from where it stood

local state = call('HMGET', state_key, unpack(state_fields))
local hold, last, skew = tonumber(state[2] or 0), tonumber(state[3] or 0), tonumber(state[4] or 0)
local server_now = server_time()
skew = skew + math.max(0, last - (server_now + skew))
local now = server_now + skew

local now_text = int(now)
local changes = { 'last', now_text }
if skew ~= tonumber(state[4] or 0) then add(changes, 'skew', int(skew)) end

local first_ticket = math.max(tonumber(state[1] or 0) + 1, now)
local next_ticket = first_ticket

-- Gives the first of them
local function draw_tickets(count)
  local first = next_ticket
  next_ticket = first + count
  return first
end

-- A paused key is held a while longer with every question
local paused = state[7]
if paused then hold = math.max(hold, now + PAUSE_HOLD) end

-- Callers with other limits may share the key: nothing is forgotten that one of them still looks at

local longest = math.max(log_length, tonumber(state[10] or 0))
local usage_memory_kept = math.max(usage_memory, tonumber(state[11] or 0))
if longest ~= tonumber(state[10] or 0) then add(changes, 'longest', int(longest)) end
if usage_memory_kept ~= tonumber(state[11] or 0) then add(changes, 'memory', int(usage_memory_kept)) end
local rules = aging .. ',' .. ARGV[9] .. ',' .. table.concat(ARGV, ',', 13, next_arg - 1)
if rules ~= state[12] then add(changes, 'rules', rules) end

-- The page of records turns when it is time

local turned, single_page = tonumber(state[9] or 0), state[17] == '1'
if now >= turned + remember then
  if turned > 0 then
    call('UNLINK', older_records_key)
    if now >= turned + 2 * remember then
      call('UNLINK', records_key)
    elseif call('EXISTS', records_key) == 1 then
      call('RENAME', records_key, older_records_key)
    end
  end
  single_page = call('EXISTS', older_records_key) == 0
  add(changes, 'turned', now_text)
  add(changes, 'single', single_page and '1' or '0')
  call('EXPIRE', generation_key, GENERATION_MEMORY)
end

-- What a server that is new, was replaced or evicts keys may have forgotten counts as used up when that was noticed

local cold, unknown_before = tonumber(state[6] or 0), 0

local log_size = log_length > 0 and call('ZCARD', log_key) or 0

local function info(section, field)
  local text = call('INFO', section)
  local _, colon = string.find(text, field .. ':', 1, true)
  return string.match(text, '^%w+', colon + 1)
end

if ARGV[7] ~= 'full' then
  local server = info('replication', 'master_replid')
  local known, since, evicted = string.match(call('GET', generation_key) or '', '^(%x+):(%d+):(%d+)$')
  -- A clock that jumped ahead has let nothing pass: as if all were forgotten, once for all who notice
  local latest = tonumber(ARGV[7])
  local jumped = latest > 0 and server_now > latest and tonumber(since or 0) <= latest
  -- A clock that stepped back must not make the past reach into the future
  if known ~= server or jumped or tonumber(since) > server_now then
    since, evicted = int(server_now), info('stats', 'evicted_keys')
    call('SET', generation_key, server .. ':' .. since .. ':' .. evicted, 'EX', GENERATION_MEMORY)
  end
  local usage_lost = log_length > 0 and log_size == 0 and matters(state[5], usage_memory, now)
    or #grains > 0 and lost(counts_key, state[13], usage_memory, now)
  if usage_lost or (turned == 0 and info('stats', 'evicted_keys') ~= evicted) then
    cold = now
    add(changes, 'cold', int(cold))
  end
  unknown_before = math.max(tonumber(since) + skew, cold)
  if unknown_before ~= tonumber(state[8] or 0) then add(changes, 'unknown', int(unknown_before)) end
end
for i, bucket in ipairs(buckets) do
  local unknown = unknown_before > 0 and unknown_before + bucket.capacity * bucket.interval or 0
  bucket.full = math.max(now, unknown, tonumber(state[fixed_fields + i] or 0))
end
