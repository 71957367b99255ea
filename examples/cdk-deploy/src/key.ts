import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Stack } from 'aws-cdk-lib';

/** One key for the queues, the topic, the cache, the logs and the functions' environment. */
export function addKey(stack: Stack, name: string): Key {
  const key = new Key(stack, 'Key', {
    alias: name,
    description: `Encrypts what ${name} keeps`,
    enableKeyRotation: true,
  });
  const { region, account, partition } = stack;
  const logGroup = `arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/${name}`;
  const logs = new ServicePrincipal(`logs.${region}.amazonaws.com`, {
    conditions: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroup } },
  });
  key.grantEncryptDecrypt(logs);
  key.grant(logs, 'kms:DescribeKey');
  // Alarms are published to an encrypted topic.
  key.grantEncryptDecrypt(
    new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  return key;
}
