import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DeliveryMode } from '@huntaze/rate-limiter-lambda';
import { until, type TestQueue } from '@huntaze/testkit';
import { stopped } from './evidence.ts';

/** Where in a message's way a process can be struck. */
export type Point = 'claimed' | 'before the call' | 'after the call' | 'recorded';

/** What a worker process is told. */
export interface WorkerTask {
  readonly sqsEndpoint: string;
  readonly sqsRegion: string;
  readonly queue: TestQueue;
  readonly upstreamUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly delivery: DeliveryMode;
  readonly leaseMs: number;
  readonly functionTimeoutMs: number;
  /** The signal it sends itself when so many messages have reached a point. Without one it works on. */
  readonly fate?: { readonly at: Point; readonly message: number; readonly signal: 'SIGKILL' | 'SIGSTOP' };
}

/** What happens to a message in a worker process. */
type Step = 'calling' | 'ended' | 'recorded' | 'struck';

/** What a worker process tells. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: Step; readonly id: string }
  | { readonly kind: 'late'; readonly id: string; readonly fromMs: number };

/** A message, and from when on another process may have it, as `OnLate` is told. */
type LateMessage = readonly [id: string, fromMs: number];

/** A worker in a process of its own, which has loaded and waits to begin. */
export interface WorkerProcess {
  begin(): void;
  /** Resolves with the message at which the process was struck. */
  struck(): Promise<string>;
  /** Resolves with the signal that ended the process, when it has ended by itself. */
  died(): Promise<NodeJS.Signals | null>;
  /** Resolves when the process is stopped by a signal, as the system sees it. */
  frozen(): Promise<void>;
  /** Messages whose calls of `deliver` have begun and not ended. */
  calling(): ReadonlySet<string>;
  /** Messages whose outcome it has recorded with the limiter. */
  recorded(): ReadonlySet<string>;
  /** Messages that another process may have taken over, because this one was late, and from when on. */
  late(): readonly LateMessage[];
  resume(): void;
  /** Ends the process; resolves when it is gone. May be called again. */
  stop(): Promise<void>;
}

/** Starts a process from source. It has ended at the latest when this one has. */
export async function startWorkerProcess(task: WorkerTask): Promise<WorkerProcess> {
  const loader = fileURLToPath(new URL('../sim/source.ts', import.meta.url));
  const entry = fileURLToPath(new URL('./crashing-worker.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@huntaze/source', '--import', loader, entry, JSON.stringify(task)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  endWithThisProcess(child);
  const told: Told[] = [];
  createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Told));
  const ids = (step: Step) => told.flatMap((one) => (one.kind === step ? [one.id] : []));
  await until('a worker process that is ready', () => told.some(({ kind }) => kind === 'ready'));
  return {
    begin: () => void child.stdin.write('begin\n'),
    struck: () => until('a worker to be struck', () => ids('struck')[0]),
    died: async () => (await exited)[1],
    frozen: () => stopped(child.pid ?? 0),
    calling: () => {
      const ended = new Set(ids('ended'));
      return new Set(ids('calling').filter((id) => !ended.has(id)));
    },
    recorded: () => new Set(ids('recorded')),
    late: () => told.flatMap((one) => (one.kind === 'late' ? [[one.id, one.fromMs] as const] : [])),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGKILL');
      await exited;
      running.delete(child);
    },
  };
}

const running = new Set<ChildProcess>();

/** A process that is frozen does not notice that its input has ended. */
function endWithThisProcess(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', () => running.forEach((one) => one.kill('SIGKILL')));
  running.add(child);
}
