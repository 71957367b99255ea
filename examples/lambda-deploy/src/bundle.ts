import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Next to the archive that Terraform uploads. */
const BUNDLE = here('../dist/index.mjs');

/** Puts the handler and all that it imports, the AWS SDK included, into one file: the SDK's version is then ours. */
export async function bundleHandler(outfile = BUNDLE): Promise<string> {
  await build({
    entryPoints: [here('./handler.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    // Some of what is bundled is CommonJS and requires Node's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}
