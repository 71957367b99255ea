/** Environment variables by name. */
export type Variables = Readonly<Record<string, string>>;

/** Where an app keeps its environment variables. */
export interface Target {
  readonly name: string;
  read(): Promise<Variables>;
  /** Sets the wanted ones; what else is there stays. */
  write(wanted: Variables): Promise<void>;
}

/** What setting the wanted variables would do, one line each. Values are not part of it: some are secrets. */
export function describeChange(current: Variables, wanted: Variables): readonly string[] {
  return Object.entries(wanted).map(([name, value]) => {
    if (!(name in current)) return `+ ${name}`;
    return current[name] === value ? `= ${name}` : `~ ${name}`;
  });
}
