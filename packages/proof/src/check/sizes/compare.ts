/** How much larger than recorded a bundle may become, as a share: what a feature needs, but no second library. */
const MOST_GROWTH = 0.03;

/** Bytes by the name of the bundle. */
export type Sizes = Readonly<Record<string, number>>;

/** A bundle's size beside the recorded one. */
export interface Comparison {
  readonly name: string;
  readonly bytes: number;
  /** Undefined for a bundle that is not recorded. */
  readonly recorded: number | undefined;
  /** What is wrong, and what to do. */
  readonly problem: string | undefined;
}

/** Compares each bundle with what is recorded of it. One that is recorded and no longer measured is a problem too. */
export function compareSizes(recorded: Sizes, measured: Sizes): readonly Comparison[] {
  const names = [...new Set([...Object.keys(measured), ...Object.keys(recorded)])];
  return names.map((name) => {
    const bytes = measured[name] ?? 0;
    return {
      name,
      bytes,
      recorded: recorded[name],
      problem: problemOf(name, recorded[name], measured[name]),
    };
  });
}

function problemOf(
  name: string,
  recorded: number | undefined,
  bytes: number | undefined,
): string | undefined {
  if (bytes === undefined) return `${name}: expected a size, found none: record the sizes again`;
  // Of a file that is not there, size-limit measures the frame alone.
  if (bytes <= 0) return `${name}: expected a build, found none: run "npx pnpm@12 build:js"`;
  if (recorded === undefined) return `${name}: expected a recorded size, found none: record the sizes again`;
  if (bytes <= recorded * (1 + MOST_GROWTH)) return undefined;
  return `${name}: expected at most ${MOST_GROWTH * 100} % more than ${recorded} bytes, found ${bytes}, ${growth(recorded, bytes)}: leave something out, or record the sizes again`;
}

/** A growth or its opposite in percent: `+1.2 %`. */
export function growth(recorded: number, bytes: number): string {
  const percent = (100 * (bytes - recorded)) / recorded;
  return `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`;
}
