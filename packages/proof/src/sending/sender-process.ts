import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a process is to send. */
export interface SendTask {
  readonly endpoint: string;
  readonly region: string;
  readonly queueUrl: string;
  /** The file of the fallback store, which all processes share. */
  readonly storePath: string;
  /** The file in which it writes down what became of each message. */
  readonly logPath: string;
  /** Number of the first message. */
  readonly from: number;
  readonly count: number;
}

/** What it tells of a message: which way it went, that its caller was refused, or that a request with it was given up. */
export interface Told {
  readonly id: string;
  readonly outcome: 'queued' | 'stored' | 'refused' | 'given up';
}

/** A process that sends, until it is done or killed. */
export interface SenderProcess {
  /** What it has told so far; after `ended`, all that it told. */
  told(): readonly Told[];
  /** Resolves with the signal that ended it, or null when it was done. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Ends it in the middle of whatever it does. */
  kill(): void;
}

/** Starts a process from source. */
export function startSender(task: SendTask): SenderProcess {
  const loader = fileURLToPath(new URL('../sim/source.ts', import.meta.url));
  const entry = fileURLToPath(new URL('./sender.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@huntaze/source', '--import', loader, entry, JSON.stringify(task)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = (async () => {
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal;
  })();
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  return { told: () => read(task.logPath), ended, kill };
}

function read(path: string): readonly Told[] {
  if (!existsSync(path)) return [];
  // A process that is killed while it writes leaves a line without an end.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Told);
}
