import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

export default defineConfig(
  packageBuild({
    entry: [
      'src/prisma/index.ts',
      'src/prisma/limiter/index.ts',
      'src/dynamodb/index.ts',
      'src/dynamodb/limiter/index.ts',
    ],
    // The system's clock, ids and chance, and one error: hosts of Prisma shall not get the AWS SDK for them.
    copied: ['@huntaze/rate-limiter-client'],
  }),
);
