-- Records of messages. One is kind:token:attempt:place:till:past:cost:stamp:owner, its kind c (claimed) or r (ready to be
-- asked about again); or v:token:attempts:verdict (condemned); or just d (delivered) or x (dead). The past is twice the
-- number of releases with a hold, and one more for a takeover. A place below 3 is that priority's whose ticket is the
-- token. They stand on two pages, the newer one is written.

local RECORD = '^(%a):(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):(.*)$'
local VERDICT = '^v:(%d+):((%d+):.*)$'

-- `newer_only`: it is known that there is no older page
local function read_records(ids, newer_only)
  local records, missing = call('HMGET', records_key, unpack(ids)), {}
  if newer_only then return records end
  for i = 1, #ids do if not records[i] then missing[#missing + 1] = i end end
  if #missing == 0 then return records end
  if #missing == #ids then return call('HMGET', older_records_key, unpack(ids)) end
  for _, i in ipairs(missing) do records[i] = call('HGET', older_records_key, ids[i]) end
  return records
end

-- `changes` is id, record, id, record …
local function write_records(changes, remember)
  if #changes == 0 then return end
  call('HSET', records_key, unpack(changes))
  keep(records_key, remember)
end
