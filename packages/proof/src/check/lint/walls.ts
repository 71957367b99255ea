import { systemModules, systemPorts } from './ports.ts';
import { testFiles, type Override } from './published.ts';

/** What the linter refuses to have imported, and why. */
interface Wall {
  /** Globs in the way of `.gitignore`: a later `!` lets through again. */
  readonly group: readonly string[];
  readonly message: string;
}

/** Functions of no package in particular, bundled into each (decision 56). */
const KIT = ['!@huntaze/kit', '!@huntaze/kit/checks', '!@huntaze/kit/sqs-client'];

const kitAlone: Wall = {
  group: ['@huntaze/**'],
  message: 'the kit knows no other package: each of them bundles it',
};

const clientAlone: Wall = {
  group: ['@huntaze/**', ...KIT],
  message: 'the client stands alone: other packages import it',
};

const contractOnly: Wall = {
  group: ['@huntaze/**', ...KIT, '!@huntaze/rate-limiter-client/contract'],
  message: 'packages meet in @huntaze/rate-limiter-client/contract and nowhere else',
};

/** Both sides measure alike: a handler in Lambda writes its metrics with what the client has for it (decision 19). */
const contractAndEmf: Wall = {
  group: [...contractOnly.group, '!@huntaze/rate-limiter-client/emf'],
  message: contractOnly.message,
};

/** A limiter in a host's database is the stored limiter of the handler's package, on a store of its own. */
const contractAndStored: Wall = {
  group: [...contractOnly.group, '!@huntaze/rate-limiter-lambda/stored'],
  message: 'of the handler, a limiter imports @huntaze/rate-limiter-lambda/stored and nothing else',
};

const contractAlone: Wall = {
  group: ['@huntaze/**', ...KIT, '../**'],
  message: 'the contract imports nothing of ours but the kit',
};

/** Paths that leave the package work here and break once it is installed. */
const byName: Wall = {
  group: ['**/{client,lambda,adapters,kit,testkit,proof}/src/**'],
  message: 'other packages are imported by name',
};

/**
 * Per package: what it may know of others, and which features build on another one, as paths below `src`. Where the root
 * is `closed`, a feature imports only those files of it that it names.
 */
const packages: readonly {
  readonly name: string;
  readonly outside: Wall;
  readonly builtOn: Readonly<Record<string, readonly string[]>>;
  /** The same inside a feature: its folders, and the sibling folders that each may import besides the feature's own files. */
  readonly within?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly root?: 'closed';
}[] = [
  {
    name: 'client',
    outside: clientAlone,
    builtOn: {
      send: ['queue'],
      batch: ['queue', 'send/messages.ts'],
      fallback: ['queue'],
    },
    root: 'closed',
  },
  {
    name: 'lambda',
    outside: contractAndEmf,
    builtOn: {
      limiter: ['checks'],
      'handler-limiter': ['checks', 'limiter'],
      message: ['checks', 'limiter/limits'],
      sqs: ['limiter/queue-identity.ts', 'message'],
      telemetry: ['message'],
      'dead-letter': ['limiter/limiter.ts', 'limiter/operations.ts', 'message', 'sqs'],
      parking: ['dead-letter', 'message', 'sqs'],
      batch: [
        'limiter/each-id-once.ts',
        'limiter/limiter.ts',
        'limiter/local-share/local-share.ts',
        'message',
        'parking',
        'sqs',
        'telemetry',
      ],
      attempt: [
        'batch',
        'checks',
        'dead-letter',
        'limiter/identity.ts',
        'limiter/limiter.ts',
        'message',
        'parking',
        'telemetry',
      ],
    },
    within: {
      limiter: {
        limits: [],
        usage: ['limits'],
        key: ['limits', 'usage'],
        memory: ['key', 'limits', 'usage'],
        stored: ['key', 'limits', 'usage'],
        redis: ['limits', 'usage'],
        'local-share': ['limits', 'memory', 'usage'],
      },
    },
    root: 'closed',
  },
  { name: 'adapters', outside: contractOnly, builtOn: {} },
  { name: 'kit', outside: kitAlone, builtOn: {} },
];

/** Where features meet: a feature that imports one of them would close a circle. */
const compositions = ['index.ts', 'handler.ts', 'worker.ts'];

/** `index → feature → contract`, and `client ← lambda, adapters`. Tests may reach further. */
export const walls: readonly Override[] = [
  ...packages.flatMap(({ name, outside, builtOn, within = {}, root }) => [
    wall([`packages/${name}/src/**/*.ts`], [outside, byName]),
    ...['*', ...Object.keys(builtOn)].flatMap((feature) => {
      const at = `packages/${name}/src/${feature}`;
      const features = builtOn[feature] ?? [];
      const closed = root === 'closed' ? ['*.ts'] : compositions;
      const inside = [outside, byName, featureWall('../../', features, closed)];
      return [
        wall([`${at}/*.ts`], [outside, byName, featureWall('../', features, closed)]),
        wall([`${at}/*/*.ts`], inside),
        ...Object.entries(within[feature] ?? {}).map(([folder, siblings], _, all) => {
          const others = all.map(([other]) => other).filter((other) => other !== folder);
          const away = others.filter((other) => !siblings.includes(other));
          return wall([`${at}/${folder}/*.ts`], [...inside, siblingWall(away)]);
        }),
      ];
    }),
  ]),
  wall(
    ['packages/adapters/src/*/limiter/*.ts'],
    [contractAndStored, byName, featureWall('../../', [], compositions)],
  ),
  wall(['packages/client/src/contract/**/*.ts'], [contractAlone]),
  wall(systemPorts, [contractAlone], []),
];

/** Keeps a feature, whose files see `src` at `up`, to the contract and to what it is built on. */
function featureWall(up: string, builtOn: readonly string[], closed: readonly string[]): Wall {
  const allowed = ['contract', ...builtOn].map((path) => (path.endsWith('.ts') ? path : `${path}/**`));
  return {
    group: [`${up}*/**`, ...closed.map((file) => `${up}${file}`), ...allowed.map((path) => `!${up}${path}`)],
    message: 'features meet in the root of src; what one builds on is named in proof/src/check/lint/walls.ts',
  };
}

/** Keeps a folder of a feature away from the siblings that it is not built on. */
function siblingWall(away: readonly string[]): Wall {
  return {
    group: away.map((sibling) => `../${sibling}/**`),
    message: 'the folders of a feature build on one another as named in proof/src/check/lint/walls.ts',
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
