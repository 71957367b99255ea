import admit from './lua/admit.lua';
import cancel from './lua/cancel.lua';
import find from './lua/find.lua';
import inspect from './lua/inspect.lua';
import buckets from './lua/lib/buckets.lua';
import grant from './lua/lib/grant.lua';
import inFlight from './lua/lib/in-flight.lua';
import memoryLoss from './lua/lib/memory-loss.lua';
import records from './lua/lib/records.lua';
import usageLog from './lua/lib/usage-log.lua';
import usage from './lua/lib/usage.lua';
import waitQueue from './lua/lib/wait-queue.lua';
import waiters from './lua/lib/waiters.lua';
import pause from './lua/pause.lua';
import renew from './lua/renew.lua';
import settle from './lua/settle.lua';
import { script } from './script.ts';

/** Every command of the limiter, with the libraries that it uses; each builds on those before it. */
export const scripts = {
  admit: script(admit, records, usageLog, usage, inFlight, buckets, waitQueue, waiters, memoryLoss, grant),
  settle: script(settle, records, usageLog, inFlight, waitQueue),
  renew: script(renew, records, inFlight),
  cancel: script(cancel, records, waitQueue),
  find: script(find, records, waitQueue),
  inspect: script(inspect, usageLog, usage, inFlight, buckets, waitQueue),
  pause: script(pause),
} as const;
