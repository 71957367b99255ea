-- Third part of admission: what is known of the candidates, and who is asked about first.

-- What is known of each candidate: a table where there is a record or a place in line

local records = read_records(ids, single_page)
local known, costs, turns = {}, {}, nil
local newcomer = next_ticket - TICKET_EPOCH

local ranks = { string.byte(ARGV[14], 1, #ids) }
local function rank_of(i) return ranks[i] - 48 end
local function new_place(rank, its_ticket) return rank * PLACES_PER_PRIORITY + its_ticket - TICKET_EPOCH end

local function read_known(record, place)
  local one = { waits = place ~= nil, place = place }
  if not record then return one end
  one.kind = string.sub(record, 1, 1)
  if #record == 1 then return one end
  if one.kind == 'v' then
    one.token, one.verdict = string.match(record, VERDICT)
    one.record = record
    return one
  end
  local _, token, attempt, old_place, till, past, cost, _, holder = string.match(record, RECORD)
  old_place = tonumber(old_place)
  if old_place < 3 then old_place = new_place(old_place, tonumber(token)) end
  one.token, one.attempt, one.place = token, tonumber(attempt), place or old_place
  one.till, one.past, one.cost, one.holder, one.record = tonumber(till), past, tonumber(cost), holder, record
  return one
end

for i = 1, #ids do
  if records[i] or line_places[i] then known[i] = read_known(records[i], tonumber(line_places[i] or nil)) end
end
local wanted = #ids
if ARGV[15] ~= '' then
  wanted = 0
  for cost in string.gmatch(ARGV[15], '%d+') do
    costs[#costs + 1] = tonumber(cost)
    wanted = wanted + tonumber(cost)
  end
end

-- By place in line; newcomers after the waiters of their priority, in the order in which they were asked about

local function order_of(i)
  local place = known[i] and known[i].place or rank_of(i) * PLACES_PER_PRIORITY + newcomer
  if aging == 0 then return place end
  return place % PLACES_PER_PRIORITY + math.floor(place / PLACES_PER_PRIORITY) * aging
end

local previous, sorted = 0, true
for i = 1, #ids do
  local order = order_of(i)
  sorted, previous = sorted and previous <= order, order
end
if not sorted then
  local orders = {}
  turns = {}
  for i = 1, #ids do turns[i], orders[i] = i, order_of(i) end
  table.sort(turns, function(a, b)
    if orders[a] ~= orders[b] then return orders[a] < orders[b] end
    return a < b
  end)
end
