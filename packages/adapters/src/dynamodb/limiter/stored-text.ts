import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Shorter texts are stored as they are, so that they can be read in the console: an item of up to 1 KB is one write unit. */
const COMPRESSED_FROM_BYTES = 768;

/** A text as an attribute: compressed where that is smaller. */
export function attributeOf(text: string): string | Uint8Array {
  const bytes = Buffer.byteLength(text);
  if (bytes < COMPRESSED_FROM_BYTES) return text;
  const compressed = deflateRawSync(text);
  return compressed.length < bytes ? compressed : text;
}

/** What {@link attributeOf} was given. */
export function textOf(attribute: unknown): string {
  return typeof attribute === 'string' ? attribute : inflateRawSync(attribute as Uint8Array).toString();
}
