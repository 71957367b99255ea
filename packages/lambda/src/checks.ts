/** What options must be: one rule for all packages (decision 47). */
export * from '@huntaze/rate-limiter-client/checks';
