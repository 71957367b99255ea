import type { Part, Status } from '@/lib/use-status.ts';

const NOT_READ = 'cannot be read';

/** How the queue, the breaker, the fallback store and the dead letters stand. */
export function SystemStatus({ status, reachable }: { status: Status | undefined; reachable: boolean }) {
  return (
    <section aria-labelledby="status-heading">
      <h2 id="status-heading">Status</h2>
      <p role="status" className={reachable ? 'hint' : 'problem'}>
        {reachable ? 'Refreshes by itself.' : 'The status cannot be read. Trying again.'}
      </p>
      <dl className="facts">
        <Fact name="Queue">
          {read(
            status?.queue,
            ({ waiting, hidden }) => `${waiting} waiting, ${hidden} parked or in delivery`,
          )}
        </Fact>
        <Fact name="Rollout">
          {status ? (status.enabled === false ? 'switched off' : percent(status.rolloutPercent)) : '…'}
        </Fact>
        <Fact name="Circuit breaker" alarming={status?.breaker === 'open'}>
          {status?.breaker ?? '…'}
        </Fact>
        <Fact
          name="Fallback store"
          alarming={some(status?.fallback, ({ pending, dead }) => pending + dead > 0)}
        >
          {read(status?.fallback, ({ pending, dead }) => `${pending} to be replayed, ${dead} given up`)}
        </Fact>
        <Fact
          name="Dead letters"
          alarming={some(status?.deadLetters, ({ waiting, hidden }) => waiting + hidden > 0)}
        >
          {read(status?.deadLetters, ({ waiting, hidden }) => `${waiting + hidden}`)}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, alarming = false, children }: { name: string; alarming?: boolean; children: string }) {
  return (
    <div className={alarming || children === NOT_READ ? 'fact alarming' : 'fact'}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function read<Value extends object>(
  part: Part<Value> | null | undefined,
  words: (value: Value) => string,
): string {
  if (part === undefined) return '…';
  if (part === null) return 'none';
  return 'unavailable' in part ? NOT_READ : words(part);
}

function some<Value extends object>(
  part: Part<Value> | null | undefined,
  test: (value: Value) => boolean,
): boolean {
  return part !== undefined && part !== null && !('unavailable' in part) && test(part);
}

const percent = (part: Part<number>) => (typeof part === 'number' ? `${part} % of the accounts` : NOT_READ);
