import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { regionOf } from '../sqs.ts';

/** How {@link ownSqs} makes its clients. */
interface OwnSqsOptions extends Pick<SQSClientConfig, 'maxAttempts'> {
  /** The region of queues whose URL names none. Default: the one that the AWS SDK finds. */
  readonly region?: string | undefined;
  /** Connections at once, per region. Default: 50, as the AWS SDK has it. */
  readonly maxSockets?: number;
}

/**
 * Sends each command to the endpoint of its queue. A URL as AWS gives it names the region, and the SDK decides on the
 * endpoint: by its partitions, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` and `AWS_ENDPOINT_URL_SQS`. Any
 * other host, such as a VPC endpoint or an emulator, is the endpoint itself, unless such a URL is configured. The SDK
 * alone would take the host of every queue's URL, whatever is configured (decision 60).
 */
export function ownSqs({ region, maxSockets = 50, ...config }: OwnSqsOptions = {}): Pick<
  SQSClient,
  'send' | 'destroy'
> {
  const clients = new Map<string, SQSClient>();
  const clientOf = (queueUrl: string): SQSClient => {
    const named = regionOf(queueUrl) ?? region;
    const host = hostBesideAws(queueUrl);
    const known = `${named} ${host}`;
    const client =
      clients.get(known) ??
      new SQSClient({
        ...config,
        ...(named !== undefined && { region: named }),
        endpointProvider: (asked, context) =>
          host === undefined || asked.Endpoint !== undefined
            ? sdkEndpoint(asked, context)
            : { url: new URL(host) },
        useQueueUrlAsEndpoint: false,
        requestHandler: { httpAgent: { maxSockets }, httpsAgent: { maxSockets } },
      });
    clients.set(known, client);
    return client;
  };
  const send = (command: { readonly input: { readonly QueueUrl: string } }, options: never) =>
    clientOf(command.input.QueueUrl).send(command as never, options);
  return {
    send: send as SQSClient['send'],
    destroy: () => clients.forEach((client) => client.destroy()),
  };
}

type EndpointProvider = NonNullable<SQSClientConfig['endpointProvider']>;

let sdk: SQSClient | undefined;

/** The SDK's rules for endpoints, with its table of partitions. */
const sdkEndpoint: EndpointProvider = (asked, context) =>
  (sdk ??= new SQSClient({})).config.endpointProvider(asked, context);

/** The endpoint of a region, as the URLs of its queues begin: `https://sqs.eu-west-1.amazonaws.com`. */
export function originOf(region: string): string {
  return sdkEndpoint({ Region: region }).url.origin;
}

/** The first names of AWS's queues, which stay valid: the SDK knows their endpoints by their regions. */
const LEGACY_HOST = /(?:^|\.)queue\.amazonaws\.com(?:\.cn)?$/;

/** Where a queue's URL leads if that is no endpoint of its region. */
function hostBesideAws(queueUrl: string): string | undefined {
  const { origin, hostname } = new URL(queueUrl);
  const region = regionOf(queueUrl);
  const isOfAws = LEGACY_HOST.test(hostname) || (region !== undefined && originOf(region) === origin);
  return isOfAws ? undefined : origin;
}
