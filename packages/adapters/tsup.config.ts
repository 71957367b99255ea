import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

export default defineConfig(packageBuild({ entry: ['src/prisma/index.ts', 'src/dynamodb/index.ts'] }));
