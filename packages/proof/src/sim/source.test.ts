import { expect, it } from 'vitest';

it.each([
  '@huntaze/rate-limiter-client',
  '@huntaze/rate-limiter-lambda',
  '@huntaze/rate-limiter-client/contract',
])('tests run %s from source, whatever was built before', (name) => {
  expect(import.meta.resolve(name)).toMatch(/\/src\/(contract\/)?index\.ts$/);
});
