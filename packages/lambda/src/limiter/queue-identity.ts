import { regionOf } from '@huntaze/kit';

const IDENTITY = /^(?:[^/]+\/){1,2}[^/]+$|^\/[^/]+$/;

/**
 * Names a queue by whatever of it is known: `REGION/ACCOUNT/NAME` by its ARN and by every URL of it on AWS, so that a
 * function and a worker agree; `ACCOUNT/NAME` by a URL without a region, such as an emulator's. A name that was made
 * here stays what it is; another text is a name of its own. Never throws.
 */
export function queueIdentity(queue: string): string {
  const arn = /^arn:[^:]+:sqs:([^:]+):([^:]+):([^:]+)$/.exec(queue);
  if (arn) return arn.slice(1).join('/');
  if (!URL.canParse(queue)) return IDENTITY.test(queue) ? queue : `/${encodeURIComponent(queue)}`;
  const [name, account] = new URL(queue).pathname.split('/').filter(Boolean).toReversed();
  if (name === undefined || account === undefined) return `/${encodeURIComponent(queue)}`;
  const region = regionOf(queue);
  return [...(region === undefined ? [] : [region]), account, name].join('/');
}
