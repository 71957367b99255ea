-- Tells what the server is and what its user may do. Changes nothing, and runs on servers that are too old for the rest.
--
-- KEYS   1 a key of the limiter
-- ARGV   names of commands
-- Reply  version, names of refused commands, names of unknown commands, what INFO says of server, cluster and memory
-- Cost   O(commands)

local refused, unknown = {}, {}
-- Since Redis 7
if redis.acl_check_cmd then
  for _, name in ipairs(ARGV) do
    local is_known, may
    if name == 'EVAL' or name == 'EVALSHA' then
      is_known, may = pcall(redis.acl_check_cmd, name, '', '1', KEYS[1])
    else
      is_known, may = pcall(redis.acl_check_cmd, name, KEYS[1])
    end
    local list = not is_known and unknown or not may and refused
    if list then list[#list + 1] = name end
  end
end

local texts = {}
for i, section in ipairs({ 'server', 'cluster', 'memory' }) do
  local text = redis.pcall('INFO', section)
  texts[i] = type(text) == 'string' and text or ''
end
return { redis.REDIS_VERSION or '', refused, unknown, table.concat(texts, '\n') }
