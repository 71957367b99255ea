// Sets the environment variables of the app that sends: `npx pnpm@12 set-env --help`.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { amplifyTarget } from './environment/amplify.ts';
import { describeChange, type Target, type Variables } from './environment/change.ts';
import { dotenvTarget } from './environment/dotenv.ts';

const usage = `Sets the environment variables of the app that sends. What else is set there stays.

  npx pnpm@12 set-env --dotenv FILE [options]
  npx pnpm@12 set-env --amplify APP_ID --branch BRANCH [options]

  --from FILE        JSON with names and values: terraform output -json client_environment
  --set NAME=VALUE   one more; may be repeated
  --dry-run          only says what would change: + new, ~ changed, = as it is`;

const { values: given } = parseArgs({
  options: {
    dotenv: { type: 'string' },
    amplify: { type: 'string' },
    branch: { type: 'string' },
    from: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function chooseTarget(): Target | undefined {
  if (given.dotenv !== undefined) return dotenvTarget(given.dotenv);
  if (given.amplify !== undefined && given.branch !== undefined) {
    return amplifyTarget(given.amplify, given.branch);
  }
  return undefined;
}

async function readWanted(): Promise<Variables> {
  const fromFile =
    given.from === undefined ? {} : (JSON.parse(await readFile(given.from, 'utf8')) as Variables);
  const pairs = given.set.map((pair) => {
    const [, name, value] = /^([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error('--set: expected NAME=VALUE, found something else');
    }
    return [name, value] as const;
  });
  return { ...fromFile, ...Object.fromEntries(pairs) };
}

const target = chooseTarget();
if (given.help || target === undefined) {
  console.log(usage);
  process.exitCode = given.help ? 0 : 1;
} else {
  const wanted = await readWanted();
  console.log(`${given['dry-run'] ? 'Would set' : 'Setting'} in ${target.name}:`);
  for (const line of describeChange(await target.read(), wanted)) console.log(`  ${line}`);
  if (!given['dry-run']) await target.write(wanted);
}
