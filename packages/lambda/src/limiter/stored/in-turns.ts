/** Runs tasks of one name one after the other: those of one process need not lose races to each other. */
export function inTurns(): <Value>(name: string, task: () => Promise<Value>) => Promise<Value> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, task) => {
    const before = last.get(name);
    const own = (async () => {
      await before?.catch(() => {});
      return await task();
    })();
    last.set(name, own);
    try {
      return await own;
    } finally {
      if (last.get(name) === own) last.delete(name);
    }
  };
}
