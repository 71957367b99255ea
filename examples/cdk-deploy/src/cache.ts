import type { SecretValue, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import type { IKey } from 'aws-cdk-lib/aws-kms';

const PORT = 6379;

/** Where the limiter keeps who may send when. */
export interface Cache {
  /** A Redis URL with the password. */
  readonly url: string;
  /** Of whoever may reach it. */
  readonly clients: ec2.SecurityGroup;
}

interface CacheProps {
  readonly name: string;
  readonly key: IKey;
  readonly vpc: ec2.IVpc;
  readonly cacheAuthToken: SecretValue;
  readonly upstreamUrl: string;
}

/** Valkey on two nodes. It is small, and losing it costs each account one window of waiting, no message. */
export function addCache(stack: Stack, { name, key, vpc, cacheAuthToken, upstreamUrl }: CacheProps): Cache {
  const own = new ec2.SecurityGroup(stack, 'CacheGroup', { vpc, allowAllOutbound: false });
  const clients = new ec2.SecurityGroup(stack, 'FunctionGroup', { vpc, allowAllOutbound: false });
  own.addIngressRule(clients, ec2.Port.tcp(PORT));
  clients.addEgressRule(own, ec2.Port.tcp(PORT));
  // SQS and the upstream.
  for (const port of new Set([443, Number(new URL(upstreamUrl).port || 443)])) {
    clients.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port));
  }
  const token = cacheAuthToken.unsafeUnwrap();
  const subnets = new elasticache.CfnSubnetGroup(stack, 'CacheSubnets', {
    cacheSubnetGroupName: name,
    description: `Limits of ${name}`,
    subnetIds: vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
  });
  // Evicting a count would forget who has sent; refusing a write makes the handler wait.
  const parameters = new elasticache.CfnParameterGroup(stack, 'CacheParameters', {
    cacheParameterGroupFamily: 'valkey8',
    description: `Limits of ${name}`,
    properties: { 'maxmemory-policy': 'noeviction' },
  });
  const group = new elasticache.CfnReplicationGroup(stack, 'Cache', {
    replicationGroupId: name,
    replicationGroupDescription: `Limits of ${name}`,
    engine: 'valkey',
    engineVersion: '8.0',
    cacheNodeType: 'cache.t4g.micro',
    port: PORT,
    numCacheClusters: 2,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    cacheSubnetGroupName: subnets.ref,
    cacheParameterGroupName: parameters.ref,
    securityGroupIds: [own.securityGroupId],
    transitEncryptionEnabled: true,
    transitEncryptionMode: 'required',
    authToken: token,
    atRestEncryptionEnabled: true,
    kmsKeyId: key.keyId,
  });
  return { url: `rediss://:${token}@${group.attrPrimaryEndPointAddress}:${PORT}`, clients };
}
