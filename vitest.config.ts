// The name that Vitest looks for by itself: without it, `npx vitest` would run tests against the last build.
export { default } from './vitest.workspace.ts';
