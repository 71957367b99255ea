/** Leaves Node's own modules out. */
const forNode = (config) => ({ ...config, platform: 'node' });

/** What a host loads for us, minified and compressed, with all that it imports but the AWS SDK, which Lambda has. */
const sizes = [
  // 17.9 kB measured, cockatiel included; 3.9, 5.4, 4.4, 2.6, 2.5, 2.1, 7.7 kB; 25.8 kB, scripts and contract included; 2.6, 3.1 kB, contract included.
  { name: 'client', path: 'packages/client/dist/index.js', limit: '18 kB' },
  { name: 'client/contract', path: 'packages/client/dist/contract/index.js', limit: '3.9 kB' },
  { name: 'client/http', path: 'packages/client/dist/http/index.js', limit: '5.4 kB' },
  { name: 'client/cloudwatch', path: 'packages/client/dist/observe/cloudwatch/index.js', limit: '4.4 kB' },
  { name: 'client/emf', path: 'packages/client/dist/observe/emf.js', limit: '2.6 kB' },
  { name: 'client/opentelemetry', path: 'packages/client/dist/observe/opentelemetry.js', limit: '2.5 kB' },
  { name: 'client/env', path: 'packages/client/dist/env.js', limit: '2.1 kB' },
  { name: 'client/presets', path: 'packages/client/dist/presets/index.js', limit: '7.7 kB' },
  { name: 'lambda', path: 'packages/lambda/dist/index.js', limit: '35.4 kB' },
  { name: 'adapters/prisma', path: 'packages/adapters/dist/prisma/index.js', limit: '4.7 kB' },
  { name: 'adapters/dynamodb', path: 'packages/adapters/dist/dynamodb/index.js', limit: '5.2 kB' },
];

export default sizes.map((size) => ({
  ...size,
  ignore: [
    '@aws-sdk/client-cloudwatch',
    '@aws-sdk/client-sqs',
    '@aws-sdk/lib-dynamodb',
    '@opentelemetry/api',
  ],
  modifyEsbuildConfig: forNode,
}));
