-- What a server that is new, was replaced or evicts keys may have forgotten counts as used up when that was noticed. Each
-- shard has a generation: stored form, server, since when it is known, evicted keys then, and by how many ms the server's
-- clock is ahead of the clocks of processes, the least and the most (1 0: not known).

-- Some providers withhold INFO, or fields of it: then nothing tells a replaced server, or one that evicts, from another
local function info(section, field)
  local text = redis.pcall('INFO', section)
  local _, colon = string.find(type(text) == 'string' and text or '', field .. ':', 1, true)
  return colon and string.match(text, '^%w+', colon + 1) or '0'
end

-- Returns the instant before which nothing is known, 0: all is; by how much the server's clock is ahead of others'; and an
-- error where a newer version has written here.
--
-- jump    from who has seen the server's clock jump ahead, the latest time that it could have shown without; otherwise 0
-- ahead   by how many ms it is ahead of the asker's clock, or nothing, or ? to be told by how many it is of others'
local function notice_loss(jump, ahead, span, state, usage, pages, now, changes)
  local others_ahead, is_new = '1 0', false
  local server = info('replication', 'master_replid')
  local form, known, since, evicted, least, most =
    string.match(call('GET', generation_key) or '', '^(%d+) (%x+) (%d+) (%d+) (-?%d+) (-?%d+)$')
  if form and tonumber(form) > STORED_FORM then
    return 0, others_ahead, 'NEWERFORM expected no newer version of the limiter on this server, found one'
  end
  since = tonumber(since)
  -- A clock that jumped ahead has let nothing pass: as if all were forgotten, once for all who notice. A clock that
  -- stepped back must not make the past reach into the future
  if form ~= STORED_FORM_TEXT or known ~= server or since <= jump or since > server_now then
    since, evicted, least, most, is_new = server_now, info('stats', 'evicted_keys'), 1, 0, true
  end
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
  if was_lost(usage, span, now) or (is_unknown and info('stats', 'evicted_keys') ~= evicted) then
    cold = now
    add(changes, 'cold', int(cold))
  end
  local unknown_before = max(since + now - server_now, cold)
  if unknown_before ~= state.unknown then add(changes, 'unknown', int(unknown_before)) end
  return unknown_before, others_ahead
end
