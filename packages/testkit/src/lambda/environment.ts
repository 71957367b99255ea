import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pause } from '../pause.ts';
import type { InvokeRequest, RuntimeSays } from './protocol.ts';

/** The code, and what Lambda puts around it. */
export interface EnvironmentOptions {
  /** The file of the function: an ES module or CommonJS. */
  readonly file: string;
  /** The name of its export. Default `handler`. */
  readonly handlerName?: string;
  /** Its environment variables: it sees these, what Lambda itself sets, and nothing of this process. */
  readonly variables: Readonly<Record<string, string>>;
  /** Default `testkit`. */
  readonly functionName?: string;
  readonly region?: string;
  /** Called with each line that it writes. */
  readonly onLog: (line: string) => void;
}

/** One process that runs one invocation at a time, and is frozen in between. */
export interface Environment {
  /**
   * Thaws the process, runs the function, and freezes it again. At `timeoutMs` it is killed.
   * @throws {Error} what the function threw; that it timed out; that its process ended.
   */
  invoke(request: Omit<InvokeRequest, 'deadlineAtMs'>, timeoutMs: number): Promise<unknown>;
  /** Whether it can be invoked again. */
  readonly alive: boolean;
  /** SIGKILL; resolves when the process is gone. May be called again. */
  kill(): Promise<void>;
}

const runtime = fileURLToPath(new URL('./runtime.ts', import.meta.url));

/** How long the code outside of the handler may take (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). */
export const INIT_TIMEOUT_MS = 10_000;

/**
 * A cold start: a fresh process loads the function.
 * @throws {Error} when that fails or takes more than 10 s.
 */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { file, handlerName = 'handler' } = options;
  const child = spawn(process.execPath, [runtime, file, handlerName], {
    env: variablesOf(options),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  endWithThisProcess(child);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface(stream).on('line', options.onLog);
  }
  let alive = true;
  const exited = once(child, 'close').then(() => {
    alive = false;
    running.delete(child);
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };

  /** What the process says next. The process is killed when it has nothing to say in time. */
  const hear = async (withinMs: number, tooLate: string): Promise<RuntimeSays> => {
    const done = new AbortController();
    const said = once(child, 'message', { signal: done.signal }).then(([words]) => words as RuntimeSays);
    said.catch(() => {});
    const first = await Promise.race([
      said,
      exited.then(() => 'exited' as const),
      pause(withinMs, done.signal).then(() => 'too late' as const),
    ]);
    done.abort();
    if (typeof first === 'object') return first;
    await kill();
    throw new Error(first === 'exited' ? 'Runtime.ExitError: the process ended before it answered' : tooLate);
  };

  await hear(INIT_TIMEOUT_MS, `Init timed out after ${INIT_TIMEOUT_MS} ms`);
  child.kill('SIGSTOP');
  return {
    get alive() {
      return alive;
    },
    async invoke(request, timeoutMs) {
      child.kill('SIGCONT');
      child.send({ ...request, deadlineAtMs: Date.now() + timeoutMs } satisfies InvokeRequest);
      const words = await hear(timeoutMs, `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`);
      child.kill('SIGSTOP');
      if (words.kind === 'threw') throw Object.assign(new Error(words.message), { name: words.name });
      return words.kind === 'returned' ? (JSON.parse(words.text) as unknown) : null;
    },
    kill,
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function variablesOf({ variables, functionName = 'testkit', region = 'us-east-1' }: EnvironmentOptions) {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'testkit',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    LAMBDA_TASK_ROOT: '/var/task',
    TZ: ':UTC',
    ...variables,
  };
}

const running = new Set<ChildProcess>();

/** A frozen process does not notice that nobody is left. */
function endWithThisProcess(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', () => running.forEach((one) => one.kill('SIGKILL')));
  running.add(child);
}
