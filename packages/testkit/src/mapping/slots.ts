/** Room for a bounded number of things at once. */
export interface Slots {
  /** Waits for a free slot and gives its release, to be called once; undefined when `signal` aborts first. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** Slots that are handed out in the order in which they were asked for. */
export function openSlots(size: number): Slots {
  let free = size;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    take: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        if (free > 0) {
          free--;
          return resolve(release);
        }
        const grant = () => {
          signal.removeEventListener('abort', leave);
          resolve(release);
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(grant), 1);
          resolve(undefined);
        };
        waiting.push(grant);
        signal.addEventListener('abort', leave, { once: true });
      }),
  };
}
