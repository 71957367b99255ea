import type { Claimed } from '../key/grant.ts';
import type { KeyForm } from '../key/key-form.ts';
import type { BucketRule, Rules, WindowRule } from '../limits/rules.ts';
import type { Resolution } from '../usage/sub-buckets.ts';
import type { CoarseWaitQueueForm } from './coarse-wait-queue.ts';
import { pack, unpack } from './packed-text.ts';
import type { Dues } from './dues.ts';
import type { Section } from './section.ts';

/** All of a key that is written at once. */
export interface StateForm {
  readonly key: KeyForm;
  readonly queue: CoarseWaitQueueForm;
  readonly claims: readonly (readonly [id: string, claim: Claimed])[];
  /** Up to when nothing was known when the key was first asked about. */
  readonly unknownBeforeUs: number | undefined;
}

/** The first item of each text. One that is to be read in another way begins with another number. */
const FORM = 1;

/**
 * A state as text, without the names of its fields: stores charge by size.
 * @param nowUs an instant that most others are near.
 */
export function stateText({ key, queue, claims, unknownBeforeUs }: StateForm, nowUs: number): string {
  const { rules, ended, inFlight, buckets, clock } = key;
  return pack(
    [
      FORM,
      unknownBeforeUs ?? null,
      keyValues.of(key),
      clockValues.of(clock),
      rules ? rulesOf(rules) : null,
      [...endedValues.of(ended), resolutionValues.of(ended.resolution)],
      ended.stamps.flat(),
      ended.counts.flat(),
      inFlight.map(([name, call]) => [name, ...callValues.of(call)]),
      buckets.map(({ bucket, fullAtUs }) => [fullAtUs, ...bucketValues.of(bucket)]),
      queueValues.of(queue),
      queue.sections.map((one) => [...sectionValues.of(one), ...one.dues.map(duesValues.of)]),
      claims.map(([id, claim]) => [id, ...claimValues.of(claim)]),
    ],
    nowUs,
  );
}

/**
 * What {@link stateText} was given.
 * @throws {Error} when the text has another form.
 */
export function readState(text: string): StateForm {
  const [form, unknownBeforeUs, key, clock, rules, ended, stamps, counts, ...rest] = unpack(text) as Items;
  if (form !== FORM) throw new Error(`expected a state of form ${FORM}, found form ${String(form)}`);
  const [inFlight, buckets, queue, sections, claims] = rest as Items[];
  const known = ended as Items;
  return {
    key: {
      ...keyValues.from(key as Items),
      clock: clockValues.from(clock as Items),
      ...(rules !== null && { rules: readRules(rules as Items) }),
      ended: {
        ...endedValues.from(known),
        resolution: resolutionValues.from(known.at(-1) as Items),
        stamps: pairs(stamps as number[]),
        counts: pairs(counts as number[]),
      },
      inFlight: (inFlight as Items[]).map(([name, ...call]) => [name as number, callValues.from(call)]),
      buckets: (buckets as Items[]).map(([fullAtUs, ...bucket]) => ({
        bucket: bucketValues.from(bucket),
        fullAtUs: fullAtUs as number,
      })),
    },
    queue: {
      ...queueValues.from(queue as Items),
      sections: (sections as Items[]).map((items) => ({
        ...sectionValues.from(items),
        dues: items.slice(6).map((dues) => duesValues.from(dues as Items)),
      })),
    },
    claims: (claims as Items[]).map(([id, ...claim]) => [
      id as string,
      { state: 'claimed', ...claimValues.from(claim) },
    ]),
    unknownBeforeUs: (unknownBeforeUs ?? undefined) as number | undefined,
  };
}

type Items = readonly unknown[];

/** The values of some fields, in this order; what is not there is `null`. */
function valuesOf<Shape extends object>(...fields: readonly (keyof Shape)[]) {
  return {
    of: (one: Shape): unknown[] => fields.map((field) => one[field] ?? null),
    from: (items: Items) =>
      Object.fromEntries(
        fields.flatMap((field, index) => (items[index] === null ? [] : [[field, items[index]]])),
      ) as Shape,
  };
}

type Required = 'clock' | 'rules' | 'ended' | 'inFlight' | 'buckets';

const keyValues = valuesOf<Omit<KeyForm, Required>>(
  'calls',
  'lastTicket',
  'assumedEndUs',
  'holdUntilUs',
  'pausedUntilUs',
  'agingUs',
  'unknownUs',
);
const clockValues = valuesOf<KeyForm['clock']>('lastUs', 'skewUs');
const endedValues = valuesOf<Omit<KeyForm['ended'], 'resolution' | 'stamps' | 'counts'>>(
  'newestCountedUs',
  'longest',
  'compactAbove',
);
const resolutionValues = valuesOf<Resolution>('finestUs', 'spanUs');
const callValues = valuesOf<KeyForm['inFlight'][number][1]>('begunUs', 'leaseUntilUs', 'messages', 'slots');
const windowValues = valuesOf<WindowRule>('limit', 'windowUs', 'exact');
const bucketValues = valuesOf<BucketRule>('capacity', 'intervalUs');
const queueValues = valuesOf<Omit<CoarseWaitQueueForm, 'sections'>>(
  'cameUs',
  'expectedUntilUs',
  'number',
  'joined',
);
const sectionValues = valuesOf<Omit<Section, 'dues'>>('from', 'to', 'first', 'ever', 'messages', 'slots');
const duesValues = valuesOf<Dues>('fromUs', 'toUs', 'told', 'left');
const claimValues = valuesOf<Omit<Claimed, 'state'>>(
  'token',
  'attempt',
  'position',
  'takeover',
  'throttles',
  'untilUs',
  'cost',
  'stampUs',
  'call',
);

function rulesOf({ windows, buckets, marginUs }: Rules): Items {
  return [marginUs, windows.map(windowValues.of), buckets.map(bucketValues.of)];
}

function readRules([marginUs, windows, buckets]: Items): Rules {
  return {
    marginUs: marginUs as number,
    windows: (windows as Items[]).map(windowValues.from),
    buckets: (buckets as Items[]).map(bucketValues.from),
  };
}

function pairs(items: readonly number[]): (readonly [number, number])[] {
  return Array.from({ length: items.length / 2 }, (_, index) => [items[2 * index]!, items[2 * index + 1]!]);
}
