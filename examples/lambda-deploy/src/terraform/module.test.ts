import { beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../settings.ts';
import { nested, readModule, type Module } from './module.fixture.ts';

let module: Module;

beforeAll(async () => {
  module = await readModule();
});

describe('the queue', () => {
  it('leaves the decision about dead letters to the handler', () => {
    const policy = String(module.resource('aws_sqs_queue', 'messages')['redrive_policy']);
    expect(policy).toMatch(/maxReceiveCount\s*= 1000\b/);
    expect(policy).toContain('aws_sqs_queue.dead_letters.arn');
  });

  it('hides a message for six times the function timeout, plus the batching window', () => {
    expect(module.resource('aws_sqs_queue', 'messages')['visibility_timeout_seconds']).toBe(
      '${local.visibility_timeout_seconds}',
    );
    expect(module.locals['visibility_timeout_seconds']).toBe(
      '${6 * var.function_timeout_seconds + local.batching_window_seconds}',
    );
  });
});

describe('the event source mapping', () => {
  it('reports failures one by one and bounds how many batches run at once', () => {
    const mapping = module.resource('aws_lambda_event_source_mapping', 'messages');
    expect(mapping).toMatchObject({ function_response_types: ['ReportBatchItemFailures'], batch_size: 10 });
    expect(mapping['dynamic']).toMatchObject({
      scaling_config: [{ for_each: '${var.provisioned_pollers == null ? [var.maximum_concurrency] : []}' }],
      provisioned_poller_config: [
        { for_each: '${var.provisioned_pollers == null ? [] : [var.provisioned_pollers]}' },
      ],
    });
  });
});

describe('the function', () => {
  it('runs on a runtime that can still be created', () => {
    expect(module.resource('aws_lambda_function', 'this')).toMatchObject({
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
    });
  });

  it('gets exactly the variables that the handler reads', () => {
    const read = new Set<string>();
    const everything = new Proxy<Record<string, string>>(
      {},
      { get: (_, name) => (read.add(String(name)), '1') },
    );
    readSettings(everything);
    expect(new Set(Object.keys(module.locals['function_environment'] as object))).toEqual(read);
    for (const name of ['this', 'operator']) {
      const environment = nested(module.resource('aws_lambda_function', name), 'environment');
      expect(environment).toEqual([{ variables: '${local.function_environment}' }]);
    }
  });
});

describe('what is kept', () => {
  it.each([
    ['aws_sqs_queue', 'messages', 'kms_master_key_id'],
    ['aws_sqs_queue', 'dead_letters', 'kms_master_key_id'],
    ['aws_sns_topic', 'alarms', 'kms_master_key_id'],
    ['aws_elasticache_replication_group', 'this', 'kms_key_id'],
    ['aws_cloudwatch_log_group', 'function', 'kms_key_id'],
    ['aws_lambda_function', 'this', 'kms_key_arn'],
    ['aws_lambda_function', 'operator', 'kms_key_arn'],
  ])('in %s.%s is encrypted with our key', (type, name, argument) => {
    expect(module.resource(type, name)[argument]).toMatch(/^\$\{aws_kms_key\.this\.(key_id|arn)\}$/);
  });

  it('travels encrypted', () => {
    expect(module.resource('aws_elasticache_replication_group', 'this')).toMatchObject({
      engine: 'valkey',
      transit_encryption_enabled: true,
      transit_encryption_mode: 'required',
      at_rest_encryption_enabled: true,
    });
    const [refusal] = nested(
      module.data('aws_iam_policy_document')['encrypted_transport'] ?? {},
      'statement',
    );
    expect(refusal).toMatchObject({ effect: 'Deny', condition: [{ variable: 'aws:SecureTransport' }] });
  });

  it('is refused by the cache rather than evicted', () => {
    expect(nested(module.resource('aws_elasticache_parameter_group', 'this'), 'parameter')).toEqual([
      { name: 'maxmemory-policy', value: 'noeviction' },
    ]);
  });
});

describe('variables', () => {
  it('say what they are for and refuse what cannot work', () => {
    for (const [name, variable] of Object.entries(module.variables)) {
      expect(variable, name).toHaveProperty('description');
      expect(nested(variable, 'validation'), name).not.toHaveLength(0);
    }
  });

  it('that are secret are never printed', () => {
    for (const name of ['upstream_token', 'cache_auth_token']) {
      expect(module.variables[name]).toMatchObject({ sensitive: true });
    }
  });
});
