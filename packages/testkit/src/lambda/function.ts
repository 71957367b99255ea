import type { LambdaHandler } from '../mapping/invoke.ts';
import {
  INIT_TIMEOUT_MS,
  startEnvironment,
  type Environment,
  type EnvironmentOptions,
} from './environment.ts';

/** A function as Lambda runs it. */
export interface LambdaFunctionOptions extends Omit<EnvironmentOptions, 'onLog'> {
  /** After so long an invocation's process is killed. The time for a cold start is not part of it. */
  readonly timeoutMs: number;
}

/** Processes that run a function, as many as there are invocations at once. */
export interface LambdaFunction {
  /** Invokes it: give this to `startEventSourceMapping`. */
  readonly handler: LambdaHandler;
  /** Its timeout and the time for a cold start: the `functionTimeoutMs` of a mapping, which cannot see where one ends. */
  readonly longestInvocationMs: number;
  /** Processes started so far. */
  readonly coldStarts: number;
  /** Everything that the processes wrote, line by line, as in their log group. */
  readonly log: readonly string[];
  /** Ends every process, whatever it does. May be called again. */
  stop(): Promise<void>;
}

/**
 * Runs a function's file as Lambda does: a fresh process for each cold start, which sees its own environment
 * variables alone; one invocation at a time in each; frozen (SIGSTOP) in between; killed at the timeout. Left out:
 * the memory limit, the read-only file system and the machine's architecture.
 */
export function lambdaFunction({ timeoutMs, ...options }: LambdaFunctionOptions): LambdaFunction {
  const log: string[] = [];
  const all = new Set<Environment>();
  const idle: Environment[] = [];
  let coldStarts = 0;

  const coldStart = async () => {
    coldStarts++;
    const environment = await startEnvironment({ ...options, onLog: (line) => void log.push(line) });
    all.add(environment);
    return environment;
  };
  const handler: LambdaHandler = async (event, context) => {
    const environment = idle.pop() ?? (await coldStart());
    try {
      return await environment.invoke({ event, context: plain(context) }, timeoutMs);
    } finally {
      if (environment.alive) idle.push(environment);
      else all.delete(environment);
    }
  };
  return {
    handler,
    longestInvocationMs: timeoutMs + INIT_TIMEOUT_MS,
    get coldStarts() {
      return coldStarts;
    },
    log,
    stop: async () => {
      await Promise.all([...all].map((environment) => environment.kill()));
    },
  };
}

/** The part of the context that survives the way into another process. */
function plain(context: Parameters<LambdaHandler>[1]) {
  const { awsRequestId, functionName, functionVersion, invokedFunctionArn, memoryLimitInMB } = context;
  return { awsRequestId, functionName, functionVersion, invokedFunctionArn, memoryLimitInMB };
}
