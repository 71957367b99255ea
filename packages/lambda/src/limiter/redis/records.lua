-- Records of messages. One is kind:token:attempt:place:till:past:cost:stamp:owner, its kind c (claimed) or r (ready to be
-- asked about again); or v:token:attempts:verdict (condemned); or just d (delivered) or x (dead). The past is twice the
-- number of releases, and one more for a takeover. A place below 3 is that priority's whose ticket is the token.
--
-- Unfinished and settled messages stand on two pages each: page n, of the time from n × its length on, is the key that n
-- is odd or even for, and lives until page n + 2 begins. The state knows which page was written last.

local RECORD = '^(%a):(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):(.*)$'
local VERDICT = '^v:(%d+):((%d+):.*)$'

local UNFINISHED = { first_key = 6, field = 'unfinished' }
local SETTLED = { first_key = 8, field = 'settled' }

-- `written`: the number of the page that was written last, if it is known
local function open_pages(pages, length, written, now)
  pages.length, pages.now = length, now
  pages.written, pages.number = tonumber(written or nil), math.floor(now / length)
  -- A clock that is carried on never shows a page twice
  if pages.written and pages.written > pages.number then pages.number = pages.written end
end

local function page_key(pages, number) return KEYS[pages.first_key + number % 2] end

-- The pages that may hold anything, the newer one first
local function readable_pages(pages, newer_only)
  local number, written = pages.number, pages.written or pages.number
  if written == number - 1 then return { page_key(pages, written) } end
  if written < number then return {} end
  if newer_only then return { page_key(pages, number) } end
  return { page_key(pages, number), page_key(pages, number - 1) }
end

-- `newer_only`: it is known that there are no older pages
local function read_records(ids, newer_only)
  local records
  for _, pages in ipairs({ UNFINISHED, SETTLED }) do
    for _, key in ipairs(readable_pages(pages, newer_only)) do
      local found = call('HMGET', key, unpack(ids))
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

-- Throws away the page before the last one, when another begins. Appends to `changes` of the state what was begun
local function turn_pages(pages, changes)
  if pages.written == pages.number then return end
  if pages.written then
    call('UNLINK', page_key(pages, pages.number))
    if pages.written < pages.number - 1 then call('UNLINK', page_key(pages, pages.number - 1)) end
  end
  pages.written = pages.number
  add(changes, pages.field, int(pages.number))
  add(changes, 'single', '')
end

-- `records` is id, record, id, record …
local function write_records(pages, records, changes)
  if #records == 0 then return end
  local is_known = pages.written == pages.number
  turn_pages(pages, changes)
  local key, life = page_key(pages, pages.number), ms((pages.number + 2) * pages.length - pages.now)
  call('HSET', key, unpack(records))
  -- Where the state was lost, the key may be about to expire as an earlier page
  if call('PEXPIRE', key, life, 'NX') == 0 and not is_known then call('PEXPIRE', key, life, 'GT') end
end

-- `ids` of messages that have become final
local function remove_unfinished(ids, newer_only)
  if #ids == 0 then return end
  for _, key in ipairs(readable_pages(UNFINISHED, newer_only)) do call('HDEL', key, unpack(ids)) end
end
