/** Leaves Node's own modules out. */
const forNode = (config) => ({ ...config, platform: 'node' });

/**
 * What a host loads for us, minified and compressed, with all that it imports but the AWS SDK, which Lambda has.
 * How large each was, and how much it may grow: `packages/proof/src/check/sizes`.
 */
const bundles = {
  client: 'client/dist/index.js',
  'client/contract': 'client/dist/contract/index.js',
  'client/http': 'client/dist/http/index.js',
  'client/cloudwatch': 'client/dist/observe/cloudwatch/index.js',
  'client/emf': 'client/dist/observe/emf.js',
  'client/opentelemetry': 'client/dist/observe/opentelemetry.js',
  'client/env': 'client/dist/env.js',
  'client/presets': 'client/dist/presets/index.js',
  lambda: 'lambda/dist/index.js',
  'adapters/prisma': 'adapters/dist/prisma/index.js',
  'adapters/prisma-limiter': 'adapters/dist/prisma/limiter/index.js',
  'adapters/dynamodb': 'adapters/dist/dynamodb/index.js',
  'adapters/dynamodb-limiter': 'adapters/dist/dynamodb/limiter/index.js',
};

export default Object.entries(bundles).map(([name, path]) => ({
  name,
  path: `packages/${path}`,
  ignore: [
    '@aws-sdk/client-cloudwatch',
    '@aws-sdk/client-sqs',
    '@aws-sdk/lib-dynamodb',
    '@opentelemetry/api',
  ],
  modifyEsbuildConfig: forNode,
}));
