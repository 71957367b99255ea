type Field = string | number | boolean;

/** Everything that happened in a run, as one number to compare runs by, and as lines for whoever wants to read them. */
export interface Trace {
  note(...fields: readonly Field[]): void;
  /** Sixteen hexadecimal digits: the same for the same events at the same instants in the same order. */
  readonly hash: string;
}

/** @param print gets each line as it is written. */
export function openTrace(nowMs: () => number, print?: (line: string) => void): Trace {
  let low = 0x811c9dc5;
  let high = 0x2545f491;
  return {
    note(...fields) {
      const line = `${(nowMs() / 1_000).toFixed(6)} ${fields.join(' ')}`;
      for (let at = 0; at < line.length; at++) {
        low = Math.imul(low ^ line.charCodeAt(at), 0x01000193);
        high = Math.imul(high ^ line.charCodeAt(at), 0x85ebca6b) ^ (low >>> 15);
      }
      print?.(line);
    },
    get hash() {
      return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
    },
  };
}
