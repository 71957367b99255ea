-- Decides, in one atomic step, which candidates of one key may be delivered now. The memory limiter says the same in
-- TypeScript; a random test compares the two. The script has five parts: what it works with (this one), which places
-- are free (places.lua), who is asked about first (order.lua), who gets them (decide.lua), and what is written down
-- (write.lua).
--
-- ARGV   2 owner of this call  3 lease  4 memory of settled records  5 the longest time that the rules look at  6 margin
--        7 cold start: full; or 0; or, from who has seen this server's clock jump ahead, the latest time that it could
--        have shown then without the jump
--        8 by how many ms this server's clock is ahead of the asker's, or nothing, or ? to be told by how many it is of
--        others'
--        9 aging (0: none)  10 how many deliveries exact windows look at  11 the shortest sub-bucket (0: none)
--        12 windows w  13 buckets b  14 priorities, a digit per candidate  15 costs, a number and a comma per candidate,
--        or nothing where all are 1, then w × (limit, length, 1 where exact), b × (capacity, interval), then the id of
--        each candidate
-- Reply  a text of numbers: now, the server's own time, the lease end, for ? the least and the most of others (1 0: not
--        known), then one after the other per candidate:
--        0 (granted), token, attempt, past; 6 (granted as the one before, with the next
--        token); 5 (granted before, to this very call), token, attempt, past,
--        lease end; 1 (wait), due, position; 2 (busy), retry; 3 (delivered); 4 (dead);
--        7 (condemned), token, attempts, verdict
-- Cost   O(log n) per window and per candidate, n the length of the log or the line

local owner, lease, remember, margin = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6])
local aging = tonumber(ARGV[9])

-- Arguments

local windows, buckets, asked_buckets, bucket_names = {}, {}, {}, ''
local usage_memory, places_in_all, next_arg = tonumber(ARGV[5]), math.huge, 16
for i = 1, tonumber(ARGV[12]) do
  local window = {
    limit = tonumber(ARGV[next_arg]), length = tonumber(ARGV[next_arg + 1]), exact = ARGV[next_arg + 2] == '1'
  }
  windows[i] = window
  places_in_all = math.min(places_in_all, window.limit)
  next_arg = next_arg + 3
end
local state_fields = { 'ticket', 'hold', 'last', 'skew', 'cold', 'paused', 'unknown', 'rules', 'flying', 'until',
  'assumed', 'single', 'came', 'unfinished', 'settled', 'buckets', 'lined', unpack(USAGE_FIELDS) }
local fixed_fields = #state_fields
for i = 1, tonumber(ARGV[13]) do
  local capacity, interval = ARGV[next_arg], ARGV[next_arg + 1]
  local field = capacity .. ':' .. interval
  buckets[i] = { capacity = tonumber(capacity), interval = tonumber(interval), field = field }
  places_in_all = math.min(places_in_all, capacity)
  asked_buckets[field] = true
  bucket_names = bucket_names .. field .. ' '
  state_fields[fixed_fields + i] = field
  next_arg = next_arg + 2
end
local ids = { unpack(ARGV, next_arg) }

-- State and time: a clock that steps back is carried on from where it stood

local state = call('HMGET', state_key, unpack(state_fields))
local hold, last, skew = tonumber(state[2] or 0), tonumber(state[3] or 0), tonumber(state[4] or 0)
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
local paused_until = tonumber(state[6] or 0)
if now < paused_until then hold = math.max(hold, now + PAUSE_HOLD) end

-- Callers with other limits may share the key: nothing is forgotten that one of them still looks at

read_usage(state, 17)
look_at(tonumber(ARGV[10]), tonumber(ARGV[11]), usage_memory, changes)
local rules = aging .. ',' .. ARGV[12] .. ',' .. table.concat(ARGV, ',', 16, next_arg - 1)
if rules ~= state[8] then add(changes, 'rules', rules) end
local log_size = usage.logged > 0 and call('ZCARD', log_key) or 0

open_pages(UNFINISHED, UNFINISHED_MEMORY, state[14], now)
open_pages(SETTLED, remember, state[15], now)
local single_page = state[12] == '1' and UNFINISHED.written == UNFINISHED.number and SETTLED.written == SETTLED.number

-- What a server that is new, was replaced or evicts keys may have forgotten counts as used up when that was noticed

local cold, unknown_before, others_ahead = tonumber(state[5] or 0), 0, '1 0'

-- Some providers withhold INFO, or fields of it: then nothing tells a replaced server, or one that evicts, from another
local function info(section, field)
  local text = redis.pcall('INFO', section)
  local _, colon = string.find(type(text) == 'string' and text or '', field .. ':', 1, true)
  return colon and string.match(text, '^%w+', colon + 1) or '0'
end

if ARGV[7] ~= 'full' then
  local server = info('replication', 'master_replid')
  local form, known, since, evicted, least, most =
    string.match(call('GET', generation_key) or '', '^(%d+) (%x+) (%d+) (%d+) (-?%d+) (-?%d+)$')
  if form and tonumber(form) > STORED_FORM then
    return redis.error_reply('NEWERFORM expected no newer version of the limiter on this server, found one')
  end
  local jump, ahead, is_new = tonumber(ARGV[7]), tonumber(ARGV[8]), false
  -- A clock that jumped ahead has let nothing pass: as if all were forgotten, once for all who notice. A clock that
  -- stepped back must not make the past reach into the future
  if form ~= STORED_FORM_TEXT or known ~= server or tonumber(since) <= jump or tonumber(since) > server_now then
    since, evicted, least, most, is_new = int(server_now), info('stats', 'evicted_keys'), 1, 0, true
  end
  least, most = tonumber(least), tonumber(most)
  if ARGV[8] == '?' and most >= least then others_ahead = int(least) .. ' ' .. int(most) end
  if ahead and (most < least or ahead < least or ahead > most) then
    if most < least then least, most = ahead, ahead end
    least, most, is_new = math.min(least, ahead), math.max(most, ahead), true
  end
  if is_new then
    local text = table.concat({ STORED_FORM_TEXT, server, since, evicted, int(least), int(most) }, ' ')
    call('SET', generation_key, text, 'EX', GENERATION_MEMORY)
  elseif not single_page then
    call('EXPIRE', generation_key, GENERATION_MEMORY)
  end
  local is_unknown = not UNFINISHED.written and not SETTLED.written
  if (log_size == 0 and lost(log_key, usage.logged, usage_memory, now))
    or (usage.joined + usage_memory > now and lost(counts_key, usage.counted, usage_memory, now))
    or (is_unknown and info('stats', 'evicted_keys') ~= evicted) then
    cold = now
    add(changes, 'cold', int(cold))
  end
  unknown_before = math.max(tonumber(since) + skew, cold)
  if unknown_before ~= tonumber(state[7] or 0) then add(changes, 'unknown', int(unknown_before)) end
end
turn_pages(UNFINISHED, changes)
turn_pages(SETTLED, changes)
if not single_page then
  local older = { page_key(UNFINISHED, UNFINISHED.number - 1), page_key(SETTLED, SETTLED.number - 1) }
  single_page = call('EXISTS', unpack(older)) == 0
  add(changes, 'single', single_page and '1' or '0')
end
