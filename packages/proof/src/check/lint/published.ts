import type { OxlintConfig } from 'oxlint';

/** A set of rules for some of the files. The rules of a later one replace those of an earlier one. */
export type Override = NonNullable<OxlintConfig['overrides']>[number];

/** The source of everything on npm. */
export const publishedFiles = ['packages/{client,lambda,adapters,kit}/src/**/*.ts'];

/** Tests, and what only tests import: no part of a build. */
export const testFiles = [
  '**/*.test.ts',
  '**/*.test-d.ts',
  '**/*.fixture.ts',
  '**/*-contract.ts',
  'packages/lambda/src/testing/**',
];
