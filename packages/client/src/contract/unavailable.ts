/** Something that could not be read, and why. */
export interface Unavailable {
  readonly unavailable: string;
}
