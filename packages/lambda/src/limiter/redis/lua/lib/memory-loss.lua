-- What a server that is new, was replaced or evicts keys may have forgotten counts as used up when that was noticed. Each
-- shard has a generation: stored form, server, since when it is known, evicted keys then, and by how many ms the server's
-- clock is ahead of the clocks of processes, the least and the most (1 0: not known).
--
-- A server is named by its replication id, which changes when it is restarted or promoted. Some providers withhold INFO, or
-- fields of it. Then it is named by where its memory holds the table `redis`, and instead of evicted keys the generation has
-- the instant of the newest question: decision 58.

local function info(section, field)
  local text = redis.pcall('INFO', section)
  local _, colon = string.find(type(text) == 'string' and text or '', field .. ':', 1, true)
  return colon and string.match(text, '^%w+', colon + 1) or '0'
end

-- Returns the instant before which nothing is known, 0: all is; by how much the server's clock is ahead of others'; and an
-- error where a newer version has written here.
--
-- jump    from who has seen the server's clock jump ahead, the latest time that it could have shown without; otherwise 0
-- heard   when the server answered the asker last, 0: never
-- ahead   by how many ms it is ahead of the asker's clock, or nothing, or ? to be told by how many it is of others'
local function notice_loss(jump, heard, ahead, span, state, usage, pages, now, changes)
  local others_ahead, is_new = '1 0', false
  local form, known, since, evicted, least, most =
    string.match(call('GET', generation_key) or '', '^(%d+) (%S+) (%d+) (%d+) (-?%d+) (-?%d+)$')
  if form and tonumber(form) > STORED_FORM then
    return 0, others_ahead, 'NEWERFORM expected no newer version of the limiter on this server, found one'
  end
  since = tonumber(since)

  -- Where INFO was withheld it is not asked for again
  local server = known and #known < REPLICATION_ID and known or info('replication', 'master_replid')
  local is_lost, newest = server ~= known, nil
  if #server < REPLICATION_ID then
    local place = string.match(tostring(redis), '%x+$') or 'nowhere'
    if known == place or known == '?' .. place then
      server, is_lost = place, false
    elseif known ~= 'nowhere' then
      -- Marked until a second question finds it: where every question has a Lua of its own, that never happens
      server, is_lost = known and string.sub(known, 1, 1) == '?' and 'nowhere' or '?' .. place, true
    end
    -- A replica that was promoted may lack what it was to be told: whoever was answered later knows
    newest = max(server_now, heard, (evicted or 0) + 1)
    is_lost = is_lost or tonumber(evicted) < heard
  end
  -- A clock that jumped ahead has let nothing pass: as if all were forgotten, once for all who notice. A clock that
  -- stepped back must not make the past reach into the future
  if form ~= STORED_FORM_TEXT or is_lost or since <= jump or since > server_now then
    since, least, most, is_new = server_now, 1, 0, true
    if not newest then evicted = info('stats', 'evicted_keys') end
  end
  if newest then evicted, is_new = int(newest), true end
  least, most = tonumber(least), tonumber(most)
  if ahead == '?' and most >= least then others_ahead = int(least) .. ' ' .. int(most) end
  ahead = tonumber(ahead)
  if ahead and (most < least or ahead < least or ahead > most) then
    if most < least then least, most = ahead, ahead end
    least, most, is_new = min(least, ahead), max(most, ahead), true
  end
  if is_new then
    local text = table.concat({ STORED_FORM_TEXT, server, int(since), evicted, int(least), int(most) }, ' ')
    call('SET', generation_key, text, 'EX', GENERATION_MEMORY)
  elseif not pages.single then
    call('EXPIRE', generation_key, GENERATION_MEMORY)
  end

  local is_unknown = not pages.unfinished.written and not pages.settled.written
  local cold = state.cold
  if was_lost(usage, span, now) or (is_unknown and not newest and info('stats', 'evicted_keys') ~= evicted) then
    cold = now
    add(changes, 'cold', int(cold))
  end
  local unknown_before = max(since + now - server_now, cold)
  if unknown_before ~= state.unknown then add(changes, 'unknown', int(unknown_before)) end
  return unknown_before, others_ahead
end
