// The app that `cdk` synthesizes and deploys: see the README.
import { fileURLToPath } from 'node:url';
import { App, SecretValue, aws_lambda as lambda } from 'aws-cdk-lib';
import { RateLimiterStack } from './stack.ts';

const app = new App();
const contextOf = (name: string) => {
  const value: unknown = app.node.tryGetContext(name);
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${name}: expected a text, found none: pass it as --context ${name}=…`);
};

new RateLimiterStack(app, 'RateLimiter', {
  name: 'rate-limiter',
  // What `npx pnpm@12 build` writes in examples/lambda-deploy.
  code: lambda.Code.fromAsset(
    fileURLToPath(new URL('../../lambda-deploy/dist/function.zip', import.meta.url)),
  ),
  upstreamUrl: contextOf('upstreamUrl'),
  // One secret with two fields, which exists before: the template names it and never holds its value.
  upstreamToken: SecretValue.secretsManager('rate-limiter', { jsonField: 'upstreamToken' }),
  cacheAuthToken: SecretValue.secretsManager('rate-limiter', { jsonField: 'cacheAuthToken' }),
});
