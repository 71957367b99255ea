-- Deliveries that have ended: their stamps by token in the log, their number per sub-bucket in the counts. The stamp of
-- a sub-bucket is its end: a place is taken a little longer, never less.

local ended_stamps, ended_places = {}, {}

-- Whether what was written at `at` still matters
local function matters(at, memory, now) return tonumber(at or 0) + memory > now end

-- Whether it was lost with its key
local function lost(key, at, memory, now) return matters(at, memory, now) and call('EXISTS', key) == 0 end

-- A message that costs several places has as many tokens in a row
local function end_delivery(token, cost, stamp)
  local stamp_text = int(stamp)
  for place = 0, cost - 1 do
    add(ended_stamps, stamp_text, place == 0 and token or int(token + place))
  end
  ended_places[#ended_places + 1] = { stamp, cost }
end

-- Writes down what ended, for exact windows that look at `log_length` stamps and for sub-buckets of these lengths.
-- Appends to `changes` of the state what must be found there from now on
local function write_ended(log_length, grains, now, memory, changes)
  if #ended_places == 0 then return end
  if log_length > 0 then
    call_with(ended_stamps, 'ZADD', log_key, 'GT')
    call('ZREMRANGEBYRANK', log_key, 0, -1 - log_length)
    keep(log_key, memory)
    add(changes, 'logged', int(now))
  end
  for _, grain in ipairs(grains) do
    for _, one in ipairs(ended_places) do
      call('HINCRBY', counts_key, int(grain) .. ':' .. int(math.ceil(one[1] / grain) * grain), one[2])
    end
  end
  if #grains > 0 then
    keep(counts_key, memory)
    add(changes, 'counted', int(now))
  end
  ended_stamps, ended_places = {}, {}
end
