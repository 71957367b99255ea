-- Changes what sub-buckets count. The stamp of a sub-bucket is its end: a place is taken a little longer, never less.

local function coarse_stamp(grain, stamp) return math.ceil(stamp / grain) * grain end

local function count_in(grain, stamp, by)
  local field = int(grain) .. ':' .. int(coarse_stamp(grain, stamp))
  if call('HINCRBY', counts_key, field, by) <= 0 then call('HDEL', counts_key, field) end
end

-- Of one that was given up for lost the old stamp (nil) is not known any more: it counts twice for a while
local function move_counts(grains, from, to, cost)
  for _, grain in ipairs(grains) do
    if not from or coarse_stamp(grain, from) < coarse_stamp(grain, to) then
      if from then count_in(grain, from, -cost) end
      count_in(grain, to, cost)
    end
  end
end
