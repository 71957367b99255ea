import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

export default defineConfig(
  packageBuild({
    entry: [
      'src/index.ts',
      'src/contract/index.ts',
      'src/env.ts',
      'src/http/index.ts',
      'src/observe/cloudwatch/index.ts',
      'src/observe/emf.ts',
      'src/observe/opentelemetry.ts',
      'src/presets/index.ts',
      'src/testing/index.ts',
    ],
  }),
);
