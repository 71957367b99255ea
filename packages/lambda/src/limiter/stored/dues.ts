/** When some waiters are due: from the earliest to the latest, taken to be spread evenly and to come in order. */
export interface Dues {
  readonly fromUs: number;
  readonly toUs: number;
  /** How many due times were told, and how many of them nobody has come for yet. */
  readonly told: number;
  readonly left: number;
}

/**
 * The due times of a section: those told first, and those told later to whoever came and has to wait on, because others
 * went first. The two are apart, so that they are not spread evenly over all of the time.
 */
export type DuesOfSection = readonly Dues[];

const MOST = 2;

/** One more is due. */
export function tell(dues: DuesOfSection, dueUs: number): DuesOfSection {
  const own = dues.findIndex(({ toUs }, index) => dueUs <= toUs || index === MOST - 1);
  if (own === -1) return [...dues, { fromUs: dueUs, toUs: dueUs, told: 1, left: 1 }];
  const { fromUs, toUs, told, left } = dues[own]!;
  return dues.with(own, {
    fromUs: Math.min(fromUs, dueUs),
    toUs: Math.max(toUs, dueUs),
    told: told + 1,
    left: left + 1,
  });
}

/** One came that was due then. */
export function come(dues: DuesOfSection, dueUs: number): DuesOfSection {
  const own = dues.findIndex(({ toUs }) => dueUs <= toUs);
  return own === -1 ? dues : without(dues, own, 1);
}

/** When the first is due that has not come; undefined when none is. */
export function firstUs(dues: DuesOfSection): number | undefined {
  const firsts = dues.map(({ fromUs, toUs, told, left }) =>
    fromUs === toUs ? fromUs : fromUs + Math.floor(((told - left) / told) * (toUs - fromUs)),
  );
  return firsts.length === 0 ? undefined : Math.min(...firsts);
}

/** How many were due before an instant and have not come. */
export function dueBefore(dues: DuesOfSection, untilUs: number): number {
  return dues.reduce((sum, one) => sum + overdue(one, untilUs), 0);
}

/** When somebody is due for certain: those that are due in between may all be due then. */
export function missedFromUs(dues: DuesOfSection): number {
  return Math.min(...dues.map(({ toUs }) => toUs));
}

/** Without those that were all due before an instant and have not come: between two due times, nobody knows how many are. */
export function withoutOverdue(dues: DuesOfSection, untilUs: number): DuesOfSection {
  return dues.filter(({ toUs }) => toUs >= untilUs);
}

/** The due times of two neighbours. */
export function unionOf(one: DuesOfSection, next: DuesOfSection): DuesOfSection {
  return Array.from({ length: Math.max(one.length, next.length) }, (_, index) => {
    const [a, b] = [one[index] ?? next[index]!, next[index] ?? one[index]!];
    if (a === b) return a;
    return {
      fromUs: Math.min(a.fromUs, b.fromUs),
      toUs: Math.max(a.toUs, b.toUs),
      told: a.told + b.told,
      left: a.left + b.left,
    };
  });
}

function overdue({ fromUs, toUs, told, left }: Dues, untilUs: number): number {
  if (untilUs <= fromUs) return 0;
  if (untilUs > toUs) return left;
  const index = Math.floor(((untilUs - fromUs) / (toUs - fromUs)) * (told - 1)) + 1;
  return Math.min(left, Math.max(0, index - (told - left)));
}

function without(dues: DuesOfSection, index: number, some: number): DuesOfSection {
  const { left, ...rest } = dues[index]!;
  return left <= some ? dues.toSpliced(index, 1) : dues.with(index, { ...rest, left: left - some });
}
