/** One check: what it is called, and the commands that must all succeed, run from the root of the repository. */
export interface Step {
  readonly name: string;
  readonly commands: readonly string[];
  /** Whether to print what its commands print also when they succeed. Default: false. */
  readonly prints?: boolean;
}

/** Goes first and alone: the linter follows imports into what it writes. It compiles each package without its tests. */
const build: readonly Step[] = [
  {
    name: 'build',
    commands: [
      'pnpm build',
      // Prisma wants to see an engine and does not run it: without one named it would fetch its own.
      'PRISMA_SCHEMA_ENGINE_BINARY="$(command -v node)" pnpm --dir examples/nextjs-app exec prisma generate',
    ],
  },
];

/** What is checked as written. */
const source: readonly Step[] = [
  { name: 'format', commands: ['oxfmt --check .'] },
  { name: 'lint', commands: ['oxlint .'] },
  {
    name: 'types',
    commands: ['.', 'examples/nextjs-app', 'examples/nextjs-app/e2e'].map((folder) => `tsc -p ${folder}`),
  },
  { name: 'unused', commands: ['knip'] },
  // Tables, names, paths and examples of the documentation.
  { name: 'documents', commands: ['vitest run packages/proof/src/docs'] },
  { name: 'imports', commands: ['node packages/proof/src/check/imports/main.ts'], prints: true },
];

/** What is checked as users get it, from `packed`, a folder for tarballs. */
const published = (packed: string): readonly Step[] => [
  ...['adapters', 'client', 'lambda'].map((name) => {
    const tarball = `${packed}/${name}.tgz`;
    return {
      name: `exports: ${name}`,
      commands: [
        `pnpm --dir packages/${name} pack --out ${tarball}`,
        `publint run ${tarball} --strict`,
        `attw ${tarball} --profile node16`,
      ],
    };
  }),
  { name: 'sizes', commands: ['node packages/proof/src/check/sizes/main.ts'], prints: true },
];

/** All steps: each group starts when the one before it is done. */
export const groups = (packed: string): readonly (readonly Step[])[] => [build, source, published(packed)];
