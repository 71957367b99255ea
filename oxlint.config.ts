import type { OxlintConfig } from 'oxlint';
import { noSleep } from './packages/proof/src/check/lint/no-sleep.ts';
import { ports } from './packages/proof/src/check/lint/ports.ts';
import { testFiles } from './packages/proof/src/check/lint/published.ts';
import { walls } from './packages/proof/src/check/lint/walls.ts';

/** How code is written here. Who may import whom and where time comes from: `packages/proof/src/check/lint/`. */
const config: OxlintConfig = {
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  jsPlugins: ['./packages/proof/src/check/lint/current-date.ts'],
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  ignorePatterns: ['**/dist/**', '**/.next/**', '**/generated/**', '**/next-env.d.ts'],
  rules: {
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    // A style sheet has nothing to assign.
    'import/no-unassigned-import': ['error', { allow: ['**/*.css'] }],
    'import/extensions': ['error', 'ignorePackages'],
    'unicorn/prefer-node-protocol': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/no-disabled-tests': 'error',
    'no-underscore-dangle': ['error', { allow: ['_default', '_aws'] }],
    eqeqeq: ['error', 'always'],
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],

    // One request after the other is how order, backpressure and retries are written.
    'no-await-in-loop': 'off',
    // Copies are meant: values are immutable, and batches are ten messages long.
    'oxc/no-map-spread': 'off',
    // `then` is written where the next value does not matter; a promise that nobody awaits is found by type.
    'promise/always-return': 'off',
    // It takes every function that is an option for a callback.
    'promise/no-promise-in-callback': 'off',
    // `tsc` knows which switches are exhaustive; this rule asks for a return after them.
    'typescript/consistent-return': 'off',
    // Text from the wire and from Redis gets its type by assertion, once, in the parser that checked it.
    'typescript/no-unsafe-type-assertion': 'off',
    // Factories return closures: there is no `this` to lose.
    'typescript/unbound-method': 'off',
    // It takes threads, which have no origin, for windows.
    'unicorn/require-post-message-target-origin': 'off',
    // `fc.array` and `z.object` read as in their documentation.
    'import/no-named-as-default-member': 'off',
  },
  overrides: [
    ...walls,
    ...ports,
    ...noSleep,
    {
      files: testFiles,
      rules: {
        // A case of a contract suite that is published for any runner asserts in its `run`.
        'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'run'] }],
        // A helper is read with the test it stands beside.
        'unicorn/consistent-function-scoping': 'off',
        // A mock's type follows from where it is passed.
        'vitest/require-mock-type-parameters': 'off',
        // Classes are subjects of tests, not places for functions.
        'typescript/no-extraneous-class': 'off',
        // With an injected clock the assertion is made first, awaited after time has passed.
        'vitest/valid-expect': 'off',
        // Code under test meets everything that JavaScript can throw.
        'typescript/only-throw-error': 'off',
        'typescript/prefer-promise-reject-errors': 'off',
        // Ports that break their promise of silence are what some tests are about.
        'typescript/no-misused-promises': 'off',
      },
    },
    {
      files: ['examples/cdk-deploy/src/**'],
      rules: {
        // A construct of CDK adds itself to its scope.
        'no-new': 'off',
        // Its templates assert by themselves.
        'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'template.*'] }],
      },
    },
    // A property may hold under a condition; fast-check shows that the condition is met.
    { files: ['**/*.property.test.ts'], rules: { 'vitest/no-conditional-expect': 'off' } },
    // What a type test asserts, the compiler checks.
    { files: ['**/*.test-d.ts'], rules: { 'vitest/expect-expect': 'off' } },
    {
      // Tools and frameworks find their configuration, their plugins and their pages by the default export.
      files: [
        '**/*.config.ts',
        '.size-limit.js',
        'vitest.workspace.ts',
        'packages/proof/src/check/lint/current-date.ts',
        'examples/*/{app,src/app}/**',
        'packages/lambda/src/lua.d.ts',
      ],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
};

export default config;
