/** Source of fresh identifiers: message ids, owners of claims. */
export interface Ids {
  /** A new identifier, unique across processes. */
  next(): string;
}

/** UUID version 4 (RFC 9562). */
export const uuidIds: Ids = { next: () => crypto.randomUUID() };
