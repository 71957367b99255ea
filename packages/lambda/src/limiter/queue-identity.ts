/** A region of any partition: `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/**
 * Names a queue by whatever of it is known: `REGION/ACCOUNT/NAME` by its ARN and by every URL of it on AWS, so that a
 * function and a worker agree; `ACCOUNT/NAME` by a URL without a region, such as an emulator's. A name that was made
 * here stays what it is; another text is a name of its own. Never throws.
 */
export function queueIdentity(queue: string): string {
  const arn = /^arn:[^:]+:sqs:([^:]+):([^:]+):([^:]+)$/.exec(queue);
  if (arn) return arn.slice(1).join('/');
  if (!URL.canParse(queue)) return isIdentity(queue) ? queue : `/${encodeURIComponent(queue)}`;
  const { hostname, pathname } = new URL(queue);
  const [name, account, above = ''] = pathname.split('/').filter(Boolean).toReversed();
  if (name === undefined || account === undefined) return `/${encodeURIComponent(queue)}`;
  const region = regionOf(hostname) ?? (REGION.test(above) ? above : undefined);
  return [...(region === undefined ? [] : [region]), account, name].join('/');
}

function isIdentity(text: string): boolean {
  return /^(?:[^/]+\/){1,2}[^/]+$|^\/[^/]+$/.test(text);
}

/**
 * The region that a host names: `sqs.REGION.…`, `sqs-fips.REGION.…` and `ID.sqs.REGION.vpce.…`, or, as of old,
 * `REGION.queue.amazonaws.com` and `queue.amazonaws.com` (https://docs.aws.amazon.com/general/latest/gr/sqs-service.html).
 */
function regionOf(host: string): string | undefined {
  if (host === 'queue.amazonaws.com') return 'us-east-1';
  const labels = host.split('.');
  return labels.find(
    (label, index) =>
      REGION.test(label) &&
      (/^sqs(?:-fips)?$/.test(labels[index - 1] ?? '') || labels[index + 1] === 'queue'),
  );
}
