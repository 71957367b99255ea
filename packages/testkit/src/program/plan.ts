/** A program that tests need, and the packages that bring it. */
export interface Wanted {
  /** What it is called in an error: "expected … on the PATH". */
  readonly programs: readonly string[];
  /** What a person may install where no package manager is known, such as "Redis 7 or Valkey". */
  readonly title: string;
  /** The package's name by package manager. */
  readonly packages: Readonly<Record<PackageManagerName, string>>;
  /** What a person may do instead of installing it: "or …". */
  readonly otherwise: string;
}

/** What this machine offers for running a program. */
export interface Machine {
  /** Which of the {@link relevantPrograms} are on the PATH. */
  readonly programs: ReadonlySet<string>;
  /** How a command can run as root here without asking anyone. */
  readonly root: 'self' | 'sudo' | 'unavailable';
}

/** A program and its arguments. */
export type Command = readonly string[];

/** How to come by a program on a machine. */
export type Plan =
  | { readonly kind: 'run'; readonly program: string }
  | { readonly kind: 'install'; readonly commands: readonly Command[] }
  | { readonly kind: 'advise'; readonly advice: string };

type PackageManagerName = 'apt-get' | 'apk' | 'dnf' | 'brew';

interface PackageManager {
  readonly program: PackageManagerName;
  readonly needsRoot: boolean;
  readonly commands: (name: string) => readonly Command[];
}

/** Package managers in the order they are tried. `env` carries the setting through sudo, which drops variables. */
const packageManagers: readonly PackageManager[] = [
  {
    program: 'apt-get',
    needsRoot: true,
    commands: (name) => [
      ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'update'],
      ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', name],
    ],
  },
  { program: 'apk', needsRoot: true, commands: (name) => [['apk', 'add', '--no-cache', name]] },
  { program: 'dnf', needsRoot: true, commands: (name) => [['dnf', 'install', '-y', name]] },
  // Homebrew refuses to run as root.
  { program: 'brew', needsRoot: false, commands: (name) => [['brew', 'install', name]] },
];

/** The programs whose presence decides the plan. */
export function relevantPrograms({ programs }: Wanted): readonly string[] {
  return [...programs, ...packageManagers.map(({ program }) => program), 'sudo'];
}

/** Decides how to come by a program: run what is there, else install it, else say what a person can do. */
export function planProgram(wanted: Wanted, machine: Machine): Plan {
  const program = wanted.programs.find((one) => machine.programs.has(one));
  if (program !== undefined) return { kind: 'run', program };
  const present = packageManagers.filter((manager) => machine.programs.has(manager.program));
  const usable = present.find((manager) => mayRun(manager, machine));
  if (usable !== undefined) return { kind: 'install', commands: installCommands(wanted, usable, machine) };
  return { kind: 'advise', advice: adviceFor(wanted, present[0]) };
}

function mayRun(manager: PackageManager, { root }: Machine): boolean {
  return manager.needsRoot ? root !== 'unavailable' : root !== 'self';
}

function installCommands(
  { packages }: Wanted,
  { program, needsRoot, commands }: PackageManager,
  { root }: Machine,
): readonly Command[] {
  const own = commands(packages[program]);
  if (!needsRoot || root === 'self') return own;
  return own.map((command) => ['sudo', '-n', ...command]);
}

function adviceFor({ packages, title }: Wanted, manager: PackageManager | undefined): string {
  if (manager === undefined) return `install ${title} with this system's package manager`;
  const commands = manager
    .commands(packages[manager.program])
    .map((command) => command.slice(command.indexOf(manager.program)).join(' '));
  return manager.needsRoot
    ? `run "${commands.map((command) => `sudo ${command}`).join(' && ')}"`
    : `run "${commands.join(' && ')}" as a user other than root`;
}
