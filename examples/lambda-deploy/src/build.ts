import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { bundleHandler } from './bundle.ts';

const bundle = await bundleHandler();
const { size } = await stat(bundle);
console.log(`${relative(process.cwd(), bundle)}: ${Math.round(size / 1_000)} kB`);
