import { parseMessage } from '@huntaze/rate-limiter-client/contract';
import { createHandler, slidingWindow, type Handler } from '@huntaze/rate-limiter-lambda';
import { seededRandom } from '../sim/engine/random.ts';
import { virtualTime } from '../sim/engine/virtual-time.ts';
import { drawEvent, pick, type DrawnEvent } from './hostile-event.ts';
import {
  hostileLimiter,
  nameOf,
  hostileSqs,
  hostileUpstream,
  openNotes,
  type Notes,
} from './hostile-world.ts';

/** What came of one event. */
interface FuzzReport {
  readonly seed: number;
  readonly records: number;
  readonly parked: number;
  readonly deadLetters: number;
  readonly listed: number;
  /** What must never be, if it was. */
  readonly problem: string | undefined;
}

/** Longer than anything the handler waits for. */
const ENDLESS_MS = 24 * 3_600_000;

/** Puts something between the event and the handler. Default: nothing. */
export type Spoil = (handler: Handler) => Handler;

/** Hands one generated event to the real handler, in a world that is as hostile, and holds its answer against the world. */
async function fuzzEvent(seed: number, spoil: Spoil = (handler) => handler): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const time = virtualTime(random.fork());
  const drawn = drawEvent(random.fork());
  const notes = openNotes();
  const unexpected: string[] = [];
  const { clock } = time;
  const honest = createHandler({
    limits: [slidingWindow({ limit: 10, windowMs: 60_000 })],
    limiter: hostileLimiter(random.fork(), clock, notes),
    sqs: hostileSqs(random.fork(), notes),
    deliver: hostileUpstream(random.fork(), clock, notes),
    deadLetterQueueUrl: 'http://sqs/000000000000/dead-letters',
    clock,
    random: random.fork(),
    delivery: pick(random, ['at-least-once', 'at-most-once']),
    concurrency: pick(random, [1, 3, 10]),
    inlineHoldMs: pick(random, [0, 3_000]),
    leaseMs: 10_000,
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: ({ cause }, message) => {
        if (message.startsWith('a batch could not be handled')) unexpected.push(String(cause));
      },
    },
  });
  const handler = spoil(honest);
  const remainingMs = pick(random, [undefined, 30_000, 3_000, 300, 1]);
  const context = remainingMs === undefined ? undefined : deadline(remainingMs, time);

  let answer: unknown;
  const handled = handler(drawn.event, context).then(
    (response) => (answer = response),
    (error: unknown) => (answer = error),
  );
  // An answer ends the run, as the end of an invocation freezes its process.
  void handled.then(() => time.stop());
  await time.run(ENDLESS_MS + clock.nowMs());
  const listed = listedIn(answer);
  return {
    seed,
    records: drawn.records?.length ?? 0,
    parked: notes.parked.size,
    deadLetters: notes.buried.size,
    listed: listed?.length ?? 0,
    problem: problemOf(drawn, answer, listed, notes) ?? unforeseen(unexpected),
  };
}

function deadline(remainingMs: number, { clock }: ReturnType<typeof virtualTime>) {
  const endMs = clock.monotonicMs() + remainingMs;
  return { getRemainingTimeInMillis: () => Math.max(0, endMs - clock.monotonicMs()) };
}

/** The last net of the handler may only catch what is foreseen: an event of no queue. */
function unforeseen(causes: readonly string[]): string | undefined {
  return causes.find((cause) => !cause.startsWith('expected an eventSourceARN'));
}

/** The identifiers of a well-formed response. */
function listedIn(answer: unknown): readonly string[] | undefined {
  const items: unknown = (answer as { batchItemFailures?: unknown } | undefined)?.batchItemFailures;
  if (!Array.isArray(items)) return undefined;
  return items.map((item: { itemIdentifier?: unknown }) => String(item.itemIdentifier));
}

function problemOf(
  { records }: DrawnEvent,
  answer: unknown,
  listed: readonly string[] | undefined,
  { parked, buried, final }: Notes,
): string | undefined {
  if (answer === undefined) return 'the handler did not answer';
  if (!records) return isRefusal(answer) ? undefined : 'an event that is none of SQS was not refused';
  if (!listed) return `the handler threw ${answer instanceof Error ? answer.message : 'something'}`;
  if (new Set(listed).size < listed.length) return 'an identifier is listed twice';
  const foreign = listed.find((id) => !records.some(({ messageId }) => messageId === id));
  if (foreign !== undefined) return `${foreign} is listed and was not in the batch`;
  // A dead letter of twins has the body of the first.
  const buriedIdentities = new Set([...buried].map(buriedBy));
  for (const { messageId, receiptHandle, body } of records) {
    if (listed.includes(messageId)) continue;
    if (parked.has(receiptHandle)) return `${messageId} was parked and is not listed`;
    if (!final.has(identityOf(body)) && !buriedIdentities.has(identityOf(body)))
      return `${messageId} is not listed and nothing became of it`;
  }
  return undefined;
}

function isRefusal(answer: unknown): boolean {
  return answer instanceof TypeError && answer.message.startsWith('expected an event with the records of');
}

/** The message whose dead letter a body is: it holds the next life of it. */
function buriedBy(body: string): string {
  const parsed = parseMessage(body);
  if (parsed.kind !== 'message') return body;
  const { life = 1, ...message } = parsed.message;
  return nameOf({ ...message, life: life - 1 });
}

/** The message that a body holds; of what holds none, the body itself. */
function identityOf(body: string | undefined): string {
  const parsed = parseMessage(body);
  return parsed.kind === 'message' ? nameOf(parsed.message) : (body ?? '');
}

/** What came of many events. */
interface FuzzSummary {
  readonly events: number;
  readonly records: number;
  readonly parked: number;
  readonly deadLetters: number;
  readonly listed: number;
  /** The first few that broke a rule. */
  readonly problems: readonly { readonly seed: number; readonly problem: string }[];
}

const MOST_PROBLEMS = 5;

/** Plays `events` seeds, beginning with `from`, until a few have broken a rule. */
export async function fuzz(from: number, events: number, spoil?: Spoil): Promise<FuzzSummary> {
  const sum = { records: 0, parked: 0, deadLetters: 0, listed: 0 };
  const problems: { seed: number; problem: string }[] = [];
  for (let seed = from; seed < from + events && problems.length < MOST_PROBLEMS; seed++) {
    const { problem, ...report } = await fuzzEvent(seed, spoil);
    for (const name of ['records', 'parked', 'deadLetters', 'listed'] as const) sum[name] += report[name];
    if (problem !== undefined) problems.push({ seed, problem });
  }
  return { events, ...sum, problems };
}
