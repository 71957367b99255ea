/** A listener that cannot harm a message on its way: what it throws, now or later, is ignored. Default: none is called. */
export function guardListener<Event>(listener: ((event: Event) => void) | undefined): (event: Event) => void {
  return (event) => {
    try {
      const result: unknown = listener?.(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // The listener's own trouble.
    }
  };
}
