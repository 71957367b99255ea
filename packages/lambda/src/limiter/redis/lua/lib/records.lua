-- Records of messages. One is kind:token:attempt:position:till:past:cost:stamp:owner, its kind c (claimed) or r (ready to
-- be asked about again); or v:token:attempts:verdict (condemned); or just d (delivered) or x (dead). The past is twice the
-- number of releases, and one more for a takeover. A position below 3 is that priority's whose ticket is the token.
--
-- Unfinished and settled messages have two pages each: page n, of the time from n × its length on, is the key that n is
-- odd or even for, and lives until page n + 2 begins. The state knows which page was written last.




-- The pages of both kinds. `written`: the number of the page that was written last, nil where it is not known
local function open_pages(state, remember, now)
  local function open(field, first_key, length)
    local written, number = state[field] > 0 and state[field] or nil, floor(now / length)
    -- A clock that is carried on never shows a page twice
    number = max(number, written or 0)
    return {
      field = field, first_key = first_key, length = length, written = written, number = number, known = written == number
    }
  end
  local unfinished, settled = open('unfinished', 6, UNFINISHED_MEMORY), open('settled', 8, remember)
  local are_known = unfinished.known and settled.known
  -- `single`: it is known that there are no older pages than those that are written now
  return { unfinished = unfinished, settled = settled, single = are_known and state.single == '1' }
end

-- From the newest page to the oldest one that may hold anything
local function numbers_of(pages, kind)
  return kind.written or kind.number, pages.single and kind.number or kind.number - 1
end

-- The records of these ids, false where there is none
local function read_records(pages, ids)
  local records
  for _, kind in ipairs({ pages.unfinished, pages.settled }) do
    local newest, oldest = numbers_of(pages, kind)
    for number = newest, oldest, -1 do
      local found = call('HMGET', KEYS[kind.first_key + number % 2], unpack(ids))
      if not records then
        records = found
      else
        for i = 1, #ids do records[i] = records[i] or found[i] end
      end
    end
  end
  if records then return records end
  records = {}
  for i = 1, #ids do records[i] = false end
  return records
end

-- Throws away the page before the last one, when another begins
local function turn_page(kind, changes)
  local number, written = kind.number, kind.written
  if written == number then return end
  if written then
    call('UNLINK', KEYS[kind.first_key + number % 2])
    if written < number - 1 then call('UNLINK', KEYS[kind.first_key + (number - 1) % 2]) end
  end
  kind.written = number
  add(changes, kind.field, int(number))
  add(changes, 'single', '')
end

-- Begins the pages of now, and finds out whether there are older ones
local function begin_pages(pages, changes)
  if pages.single then return end
  local unfinished, settled = pages.unfinished, pages.settled
  turn_page(unfinished, changes)
  turn_page(settled, changes)
  local older = { KEYS[6 + (unfinished.number - 1) % 2], KEYS[8 + (settled.number - 1) % 2] }
  pages.single = call('EXISTS', unpack(older)) == 0
  add(changes, 'single', pages.single and '1' or '0')
end

-- `records` is id, record, id, record …
local function write_records(kind, records, now, changes)
  if #records == 0 then return end
  turn_page(kind, changes)
  local key, life = KEYS[kind.first_key + kind.number % 2], ms((kind.number + 2) * kind.length - now)
  call('HSET', key, unpack(records))
  -- Where the state was lost, the key may be about to expire as an earlier page
  if call('PEXPIRE', key, life, 'NX') == 0 and not kind.known then call('PEXPIRE', key, life, 'GT') end
end

-- `ids` of messages that have become final
local function remove_unfinished(pages, ids)
  if #ids == 0 then return end
  local kind = pages.unfinished
  local newest, oldest = numbers_of(pages, kind)
  for number = newest, oldest, -1 do call('HDEL', KEYS[kind.first_key + number % 2], unpack(ids)) end
end
