import { systemModules, systemPorts } from './ports.ts';
import { testFiles, type Override } from './published.ts';

/** What the linter refuses to have imported, and why. */
interface Wall {
  /** Globs in the way of `.gitignore`: a later `!` lets through again. */
  readonly group: readonly string[];
  readonly message: string;
}

const clientAlone: Wall = {
  group: ['@huntaze/**'],
  message: 'the client stands alone: other packages import it',
};

/** They speak one language, and judge options by one rule (decision 47). */
const contractOnly: Wall = {
  group: ['@huntaze/**', '!@huntaze/rate-limiter-client/contract', '!@huntaze/rate-limiter-client/checks'],
  message: 'packages meet in @huntaze/rate-limiter-client/contract and nowhere else',
};

/** Both sides measure alike: a handler in Lambda writes its metrics with what the client has for it (decision 19). */
const contractAndEmf: Wall = {
  group: [...contractOnly.group, '!@huntaze/rate-limiter-client/emf'],
  message: contractOnly.message,
};

const contractAlone: Wall = {
  group: ['@huntaze/**', '../**'],
  message: 'the contract imports nothing of ours',
};

/** Paths that leave the package work here and break once it is installed. */
const byName: Wall = {
  group: ['**/{client,lambda,adapters,testkit,proof}/src/**'],
  message: 'other packages are imported by name',
};

/** Per package: what it may know of others, and which features build on another one, as paths below `src`. */
const packages: readonly {
  readonly name: string;
  readonly outside: Wall;
  readonly builtOn: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    name: 'client',
    outside: clientAlone,
    builtOn: {
      sending: ['transport'],
      policies: ['transport'],
      fallback: ['transport'],
    },
  },
  {
    name: 'lambda',
    outside: contractAndEmf,
    builtOn: {
      delivery: ['limiter/limiter.ts', 'limiter/limits'],
    },
  },
  { name: 'adapters', outside: contractOnly, builtOn: {} },
];

/** Where features meet: a feature that imports one of them would close a circle. */
const compositions = [
  'index.ts',
  'client.ts',
  'carriers.ts',
  'reading-status.ts',
  'replaying.ts',
  'routing.ts',
  'handler.ts',
  'worker.ts',
];

/** `index → feature → contract`, and `client ← lambda, adapters`. Tests may reach further. */
export const walls: readonly Override[] = [
  ...packages.flatMap(({ name, outside, builtOn }) => [
    wall([`packages/${name}/src/**/*.ts`], [outside, byName]),
    ...['*', ...Object.keys(builtOn)].flatMap((feature) => {
      const at = `packages/${name}/src/${feature}`;
      const features = builtOn[feature] ?? [];
      return [
        wall([`${at}/*.ts`], [outside, byName, featureWall('../', features)]),
        wall([`${at}/*/*.ts`], [outside, byName, featureWall('../../', features)]),
      ];
    }),
  ]),
  wall(['packages/client/src/contract/**/*.ts'], [contractAlone]),
  wall(systemPorts, [contractAlone], []),
];

/** Keeps a feature, whose files see `src` at `up`, to the contract and to what it is built on. */
function featureWall(up: string, builtOn: readonly string[]): Wall {
  const allowed = ['contract', 'checks', ...builtOn].map((path) =>
    path.endsWith('.ts') ? path : `${path}/**`,
  );
  return {
    group: [
      `${up}*/**`,
      ...compositions.map((file) => `${up}${file}`),
      ...allowed.map((path) => `!${up}${path}`),
    ],
    message: 'features meet in the root of src; what one builds on is named in proof/src/check/lint/walls.ts',
  };
}

function wall(files: string[], walled: readonly Wall[], paths = systemModules): Override {
  const patterns = walled.map(({ group, message }) => ({ group: [...group], message }));
  return {
    files,
    excludeFiles: testFiles,
    rules: { 'no-restricted-imports': ['error', { paths, patterns }] },
  };
}
