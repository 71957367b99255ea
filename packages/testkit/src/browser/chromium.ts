import { findProgram, pathOf } from '../program/find.ts';
import { chromium } from './program.ts';

/**
 * The file of a Chromium or Chrome: the one that `CHROMIUM_PATH` names, otherwise one on the PATH, installed with the
 * system's package manager when there is none.
 * @throws {Error} saying which command would install it, when it cannot be installed from here.
 */
export async function chromiumPath(environment = process.env): Promise<string> {
  const given = environment['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  const program = await findProgram(chromium);
  return pathOf(program) ?? program;
}

/**
 * What it is started with: works as root and without a display, and asks nothing of the internet.
 * Give it an empty profile too: `--user-data-dir`.
 */
export const chromiumArguments: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
