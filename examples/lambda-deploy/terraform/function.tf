locals {
  # What `npx pnpm@12 build` writes.
  bundle = "${path.module}/../dist/function.zip"

  function_environment = {
    SQS_RATE_LIMITER_QUEUE = aws_sqs_queue.messages.url
    SQS_RATE_LIMITER_DLQ   = aws_sqs_queue.dead_letters.url
    REDIS_URL              = "rediss://:${var.cache_auth_token}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379"
    RATE_LIMIT             = tostring(var.rate_limit)
    RATE_WINDOW_SECONDS    = tostring(var.rate_window_seconds)
    UPSTREAM_URL           = var.upstream_url
    UPSTREAM_TOKEN         = var.upstream_token
  }
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  description      = "Delivers each message when the limits allow it"
  role             = aws_iam_role.function.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "index.handler"
  filename         = local.bundle
  source_code_hash = filebase64sha256(local.bundle)
  timeout          = var.function_timeout_seconds
  memory_size      = var.function_memory_mb
  kms_key_arn      = aws_kms_key.this.arn

  environment {
    variables = local.function_environment
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.function.id]
  }

  logging_config {
    # Lines as they are written: they are JSON already, and metrics are lines of a form of their own.
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  depends_on = [aws_iam_role_policy.function]
}

# The same code, for people: how an account stands, pause, resume. Invoked by hand, as the runbook says.
resource "aws_lambda_function" "operator" {
  function_name    = "${var.name}-operator"
  description      = "Answers operators: inspect, find, pause, resume, cancel"
  role             = aws_iam_role.function.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "index.operate"
  filename         = local.bundle
  source_code_hash = filebase64sha256(local.bundle)
  timeout          = 10
  memory_size      = var.function_memory_mb
  kms_key_arn      = aws_kms_key.this.arn

  environment {
    variables = local.function_environment
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.function.id]
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  depends_on = [aws_iam_role_policy.function]
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_lambda_event_source_mapping" "messages" {
  event_source_arn                   = aws_sqs_queue.messages.arn
  function_name                      = aws_lambda_function.this.arn
  batch_size                         = 10
  maximum_batching_window_in_seconds = local.batching_window_seconds

  # A message that waits for its turn is listed as failed: without this, Lambda would delete it.
  function_response_types = ["ReportBatchItemFailures"]

  # Rather than reserved concurrency, which receives messages that it then cannot run.
  dynamic "scaling_config" {
    for_each = var.provisioned_pollers == null ? [var.maximum_concurrency] : []

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  # Lambda refuses both together.
  dynamic "provisioned_poller_config" {
    for_each = var.provisioned_pollers == null ? [] : [var.provisioned_pollers]

    content {
      minimum_pollers = provisioned_poller_config.value.minimum
      maximum_pollers = provisioned_poller_config.value.maximum
    }
  }
}
