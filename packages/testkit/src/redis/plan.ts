/** What this machine offers for running Redis. */
export interface Machine {
  /** Which of the programs in {@link relevantPrograms} are on the PATH. */
  readonly programs: ReadonlySet<string>;
  /** How a command can run as root here without asking anyone. */
  readonly root: 'self' | 'sudo' | 'unavailable';
}

/** A program and its arguments. */
export type Command = readonly string[];

/** How to come by a Redis server on a machine. */
export type RedisPlan =
  | { readonly kind: 'run'; readonly program: string }
  | { readonly kind: 'install'; readonly commands: readonly Command[] }
  | { readonly kind: 'advise'; readonly advice: string };

interface PackageManager {
  readonly program: string;
  readonly needsRoot: boolean;
  readonly commands: readonly Command[];
}

const servers = ['redis-server', 'valkey-server'];

/** Package managers in the order they are tried. `env` carries the setting through sudo, which drops variables. */
const packageManagers: readonly PackageManager[] = [
  {
    program: 'apt-get',
    needsRoot: true,
    commands: [
      ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'update'],
      ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', 'redis-server'],
    ],
  },
  { program: 'apk', needsRoot: true, commands: [['apk', 'add', '--no-cache', 'redis']] },
  // Fedora 41 replaced Redis by Valkey (https://fedoraproject.org/wiki/Changes/Replace_Redis_With_Valkey).
  { program: 'dnf', needsRoot: true, commands: [['dnf', 'install', '-y', 'valkey']] },
  // Homebrew refuses to run as root.
  { program: 'brew', needsRoot: false, commands: [['brew', 'install', 'redis']] },
];

/** The programs whose presence decides the plan. */
export const relevantPrograms: readonly string[] = [
  ...servers,
  ...packageManagers.map(({ program }) => program),
  'sudo',
];

/** Decides how to come by a Redis server: run what is there, else install it, else say what a person can do. */
export function planRedis(machine: Machine): RedisPlan {
  const server = servers.find((program) => machine.programs.has(program));
  if (server !== undefined) return { kind: 'run', program: server };
  const present = packageManagers.filter(({ program }) => machine.programs.has(program));
  const usable = present.find((manager) => mayRun(manager, machine));
  if (usable !== undefined) return { kind: 'install', commands: installCommands(usable, machine) };
  return { kind: 'advise', advice: adviceFor(present[0]) };
}

function mayRun(manager: PackageManager, { root }: Machine): boolean {
  return manager.needsRoot ? root !== 'unavailable' : root !== 'self';
}

function installCommands(manager: PackageManager, { root }: Machine): readonly Command[] {
  if (!manager.needsRoot || root === 'self') return manager.commands;
  return manager.commands.map((command) => ['sudo', '-n', ...command]);
}

function adviceFor(manager: PackageManager | undefined): string {
  if (manager === undefined) return "install Redis 7 or Valkey with this system's package manager";
  const commands = manager.commands.map((command) =>
    command.slice(command.indexOf(manager.program)).join(' '),
  );
  return manager.needsRoot
    ? `run "${commands.map((command) => `sudo ${command}`).join(' && ')}"`
    : `run "${commands.join(' && ')}" as a user other than root`;
}
