export { chromiumArguments, chromiumPath } from './browser/chromium.ts';
export type { Measurements, MetricKey } from './cloudwatch/measurements.ts';
export { startCloudWatch, type CloudWatchServer } from './cloudwatch/server.ts';
export { dynamoDefaults, dynamoService, type DynamoService } from './dynamo/service.ts';
export { freePort } from './free-port.ts';
export { lambdaFunction, type LambdaFunction, type LambdaFunctionOptions } from './lambda/function.ts';
export type { InvocationReport } from './mapping/batch.ts';
export type { MappingConfiguration } from './mapping/configuration.ts';
export {
  startEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingOptions,
} from './mapping/event-source-mapping.ts';
export type { Invocation, LambdaHandler } from './mapping/invoke.ts';
export type { MappingSqs } from './mapping/queue.ts';
export type { Verdict } from './mapping/response.ts';
export type { MappingStats } from './mapping/stats.ts';
export { startPgBouncer, type PgBouncer } from './postgres/pgbouncer.ts';
export { startPostgres, type PostgresServer } from './postgres/server.ts';
export { postgresService, type PostgresService } from './postgres/service.ts';
export { openTestPostgres, postgresForTests, type TestPostgres } from './postgres/test-postgres.ts';
export {
  sqsFaults,
  startSqsProxy,
  type PassingRequest,
  type SqsFault,
  type SqsProxy,
  type SqsProxyOptions,
} from './proxy/sqs-proxy.ts';
export { startTcpProxy, type TcpProxy } from './proxy/tcp-proxy.ts';
export { startRedisCluster, type RedisCluster } from './redis/cluster.ts';
export { startRedis, type RedisServer, type RedisServerOptions } from './redis/server.ts';
export { redisService, type RedisService } from './redis/service.ts';
export { openTestRedis, redisForTests, type TestRedis } from './redis/test-redis.ts';
export type { QueueCounts, QueuedMessage } from './sqs/contents.ts';
export { sharedService, type SharedService } from './services/shared-service.ts';
export { startSqs, type SqsServer, type TestQueue, type TestQueueOptions } from './sqs/server.ts';
export { until, type UntilOptions } from './until.ts';
export { certainWindow, worstWindow, type Ledger, type LedgerCall } from './upstream/ledger.ts';
export { SENT_AT_HEADER, startUpstream, type Upstream, type UpstreamOptions } from './upstream/server.ts';
