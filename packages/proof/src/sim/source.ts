import { registerHooks } from 'node:module';
import { readFileSync } from 'node:fs';

/** Lets `node --conditions=@huntaze/source --import` this file run our packages from source: Lua scripts are texts, as in the build. */
registerHooks({
  load: (url, context, nextLoad) =>
    url.endsWith('.lua')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))}`,
        }
      : nextLoad(url, context),
});
