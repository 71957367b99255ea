import { afterEach, beforeEach, vi } from 'vitest';

/** What each test of the file writes to standard output, which prints none of it. */
export function interceptOutput(): { readonly lines: readonly string[] } {
  const written = { lines: [] as string[] };
  beforeEach(() => {
    written.lines = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.lines.push(String(text)) > 0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return written;
}
