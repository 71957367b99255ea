import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { accessTable, knownCommands, simulateAccess, unknownToIam } from '@huntaze/testkit/iam';
import { beforeAll, describe, expect, it } from 'vitest';
import { nested, readModule, type Block, type Module } from './module.fixture.ts';
import { policiesOf } from './policies.fixture.ts';

let module: Module;

beforeAll(async () => {
  module = await readModule();
});

describe('the policies, asked as IAM asks them,', () => {
  it('allow each call that is made, and none of those that nobody needs', () => {
    const rows = simulateAccess(policiesOf(module));
    console.log(accessTable(rows));

    expect(rows.filter(({ needed, allowed }) => needed !== allowed)).toEqual([]);
  });

  it('are asked about calls that IAM knows', async () => {
    expect(await unknownToIam()).toEqual([]);
  });

  it('are asked about every call of SQS and CloudWatch in our code', async () => {
    const packages = fileURLToPath(new URL('../../../../packages/', import.meta.url));
    const sources = ['client/src', 'lambda/src'].map(async (folder) => {
      const names = await readdir(packages + folder, { recursive: true });
      const own = names.filter(
        (name) => name.endsWith('.ts') && !/\.(?:test|fixture)\.ts$|testing/.test(name),
      );
      return await Promise.all(own.map((name) => readFile(`${packages}${folder}/${name}`, 'utf8')));
    });
    const used = (await Promise.all(sources))
      .flat()
      .flatMap((source) => source.match(/\b[A-Z]\w+Command\b/g) ?? []);

    expect(new Set(used)).toEqual(knownCommands);
  });
});

describe('permissions', () => {
  const statements = (policy: string): readonly Block[] =>
    nested(module.data('aws_iam_policy_document')[policy] ?? {}, 'statement');
  /** Named here because AWS offers no narrower form; each has a comment in the module that says why. */
  const unavoidable = new Set([
    'cloudwatch:PutMetricData on *',
    'lambda:ListEventSourceMappings on *',
    '${local.network_actions} on *',
  ]);

  it.each(['function', 'deliver', 'measure', 'client', 'on_call', 'alarms'])(
    'of %s are named actions on named resources',
    (policy) => {
      const allowed = statements(policy).filter(({ effect }) => effect !== 'Deny');
      const broad = allowed.flatMap(({ actions, resources }) =>
        [actions as string[]]
          .flat()
          .flatMap((action) =>
            (resources as string[])
              .filter(
                (resource) =>
                  action.includes('*') || resource.replace(/:(?:log-stream:)?\*$/, '').includes('*'),
              )
              .map((resource) => `${action} on ${resource}`),
          ),
      );
      expect(allowed.length).toBeGreaterThan(0);
      expect(broad.filter((pair) => !unavoidable.has(pair))).toEqual([]);
    },
  );
});
