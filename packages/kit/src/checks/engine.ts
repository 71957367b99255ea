/** What an engine says about itself, as `process.versions` does. */
export type EngineVersions = Readonly<Record<string, string | undefined>>;

/** The oldest Node that has what the packages use, such as `Promise.withResolvers`: see `engines` of their package.json. */
const OLDEST_MAJOR = 22;
const OLDEST_MINOR = 13;

const running = globalThis as { process?: { readonly versions?: EngineVersions } };

/**
 * What is wrong with the engine. Bun and Deno pass: they name a Node that they are like, and have what is used without
 * being as new as that.
 * @param versions default: those of this process; none where there is no such thing.
 */
export function engineProblems(
  versions: EngineVersions = running.process?.versions ?? {},
): readonly string[] {
  const { node, bun, deno } = versions;
  if (node === undefined || bun !== undefined || deno !== undefined) return [];
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return [];
  return [
    `engine: expected Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer, found ${node}: run this with a newer Node`,
  ];
}
