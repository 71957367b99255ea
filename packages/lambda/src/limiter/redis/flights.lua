-- Deliveries under way. One is stamp:lease end:cost, under its token.

local FLIGHT = '^(%d+):(%d+):(%d+)$'

local function flight_text(stamp, lease_end, cost)
  return int(stamp) .. ':' .. int(lease_end) .. ':' .. int(cost)
end
