import { describe, expect, it } from 'vitest';
import { runGroup } from './run-group.ts';
import { runStep, type Outcome } from './run-step.ts';

describe('a step', () => {
  it('passes when all of its commands do, and keeps what they printed', async () => {
    const outcome = await runStep({ name: 'two', commands: ['echo one', 'echo two >&2'] });
    expect(outcome).toMatchObject({ name: 'two', passed: true, output: 'one\ntwo\n', shown: false });
  });

  it('shows what its commands printed when it failed, or is there to print', async () => {
    expect(await runStep({ name: 'table', commands: ['echo one'], prints: true })).toMatchObject({
      shown: true,
    });
    expect(await runStep({ name: 'broken', commands: ['exit 3'] })).toMatchObject({ shown: true });
  });

  it('ends at the first command that fails', async () => {
    const outcome = await runStep({ name: 'broken', commands: ['echo one; exit 3', 'echo two'] });
    expect(outcome).toMatchObject({ passed: false, output: 'one\n' });
  });

  it('fails when a command does not exist', async () => {
    const { passed, output } = await runStep({ name: 'missing', commands: ['no-such-command-here'] });
    expect(passed).toBe(false);
    expect(output).toContain('no-such-command-here');
  });
});

describe('a group', () => {
  it('runs every step although one fails, and tells each as it ends', async () => {
    const told: Outcome[] = [];
    const steps = ['exit 1', 'exit 0', 'exit 0'].map((command, index) => ({
      name: `step ${index}`,
      commands: [command],
    }));

    const outcomes = await runGroup(steps, 2, (outcome) => told.push(outcome));

    expect(told).toEqual(outcomes);
    expect(new Map(outcomes.map(({ name, passed }) => [name, passed]))).toEqual(
      new Map([
        ['step 0', false],
        ['step 1', true],
        ['step 2', true],
      ]),
    );
  });
});
