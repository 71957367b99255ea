/** A limiter told to let so many through per window, whose worst window is counted. */
export interface Gate {
  /** Lets a call through when the limiter does, trying again as long as it takes. */
  submit(id: string, call: () => void): void;
  stop(): Promise<void>;
}

export interface GateKeeper {
  readonly name: string;
  open(prefix: string): Promise<Gate>;
}

export const LIMIT = 10;
export const WINDOW_MS = 1_000;
