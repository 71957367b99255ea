/** Options under which many faults fit into a short time: everything waits less, nothing is done otherwise. */
export const impatience = {
  timeoutMs: 400,
  fallbackAfterMs: 250,
  retry: { initialDelayMs: 10, maxDelayMs: 100 },
  breaker: { failureThreshold: 5, halfOpenAfterMs: 300 },
} as const;
