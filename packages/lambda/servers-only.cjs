// What bundles for browsers and edge runtimes get in place of the package, which needs Node's own modules.
throw new Error(
  '@huntaze/rate-limiter-lambda: expected Node, Bun or Deno, found a bundle for browsers or an edge runtime: import it in code of the server only, and bundle that for Node (https://github.com/huntaze/rate-limiter/blob/main/docs/runtimes.md)',
);
