resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}

data "aws_iam_policy_document" "alarms" {
  statement {
    sid       = "AlarmsPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_subscription" "mail" {
  count     = var.alarm_email == "" ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

# Each alarm looks at more periods than it needs (M of N), because what is measured arrives late: with as many as it
# needs, a period that is filled up or missing at first would decide for ever.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
locals {
  alarms = {
    oldest-message = {
      text       = "A message has waited for more than ${var.alarm_thresholds.oldest_message_seconds} seconds."
      namespace  = "AWS/SQS"
      metric     = "ApproximateAgeOfOldestMessage"
      dimensions = { QueueName = aws_sqs_queue.messages.name }
      stat       = "Maximum"
      minutes    = 1
      threshold  = var.alarm_thresholds.oldest_message_seconds
      periods    = { breaching = 1, of = 3 }
    }

    # SQS leaves messages out of its own metric that were received three times: all that wait through an outage.
    undelivered-message = {
      text       = "A message came back undelivered, more than ${var.alarm_thresholds.oldest_message_seconds} seconds old."
      namespace  = local.namespace
      metric     = "OldestMessageAge"
      dimensions = { QueueName = aws_sqs_queue.messages.name }
      stat       = "Maximum"
      minutes    = 5
      threshold  = 1000 * var.alarm_thresholds.oldest_message_seconds
      periods    = { breaching = 1, of = 3 }
    }

    # The median, so that one account in line behind its own limit does not wake anybody while the others are served.
    latency = {
      text       = "Half of the messages took more than ${var.alarm_thresholds.latency_ms} ms from the app to the upstream."
      namespace  = local.namespace
      metric     = "QueueLatency"
      dimensions = { QueueName = aws_sqs_queue.messages.name }
      stat       = "p50"
      minutes    = 5
      threshold  = var.alarm_thresholds.latency_ms
      periods    = { breaching = 1, of = 3 }
    }

    dead-letters = {
      text       = "More than ${var.alarm_thresholds.dead_letters} dead letters want a person's decision."
      namespace  = "AWS/SQS"
      metric     = "ApproximateNumberOfMessagesVisible"
      dimensions = { QueueName = aws_sqs_queue.dead_letters.name }
      stat       = "Maximum"
      minutes    = 1
      threshold  = var.alarm_thresholds.dead_letters
      periods    = { breaching = 1, of = 3 }
    }

    # In an outage a message is back within five minutes, so a failover of a minute is one period, an outage is all.
    limiter-outage = {
      text       = "The limiter gave no decision about more than ${var.alarm_thresholds.limiter_unavailable} messages in five minutes."
      namespace  = local.namespace
      metric     = "LimiterUnavailable"
      dimensions = { QueueName = aws_sqs_queue.messages.name }
      stat       = "Sum"
      minutes    = 5
      threshold  = var.alarm_thresholds.limiter_unavailable
      periods    = { breaching = 2, of = 3 }
    }

    function-errors = {
      text       = "More than ${var.alarm_thresholds.function_errors} invocations of five minutes ended in an error."
      namespace  = "AWS/Lambda"
      metric     = "Errors"
      dimensions = { FunctionName = aws_lambda_function.this.function_name }
      stat       = "Sum"
      minutes    = 5
      threshold  = var.alarm_thresholds.function_errors
      periods    = { breaching = 2, of = 3 }
    }

    function-throttles = {
      text       = "Lambda refused more than ${var.alarm_thresholds.function_throttles} invocations in five minutes."
      namespace  = "AWS/Lambda"
      metric     = "Throttles"
      dimensions = { FunctionName = aws_lambda_function.this.function_name }
      stat       = "Sum"
      minutes    = 5
      threshold  = var.alarm_thresholds.function_throttles
      periods    = { breaching = 2, of = 3 }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "of_metric" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.text} Runbook: ${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.stat, "p") ? null : each.value.stat
  extended_statistic  = startswith(each.value.stat, "p") ? each.value.stat : null
  period              = each.value.minutes * local.minute
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  datapoints_to_alarm = each.value.periods.breaching
  evaluation_periods  = each.value.periods.of
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "error_rate" {
  alarm_name          = "${var.name}-error-rate"
  alarm_description   = "More than ${var.alarm_thresholds.error_rate_percent} % of the messages became dead letters. Runbook: error-rate"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds.error_rate_percent
  datapoints_to_alarm = 1
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "rate"
    label       = "Dead letters in percent"
    expression  = "100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(sent, 0))"
    return_data = true
  }

  metric_query {
    id = "failed"
    metric {
      namespace   = local.namespace
      metric_name = "MessagesFailed"
      dimensions  = { QueueName = aws_sqs_queue.messages.name }
      stat        = "Sum"
      period      = 5 * local.minute
    }
  }

  metric_query {
    id = "sent"
    metric {
      namespace   = local.namespace
      metric_name = "MessagesSent"
      dimensions  = { QueueName = aws_sqs_queue.messages.name }
      stat        = "Sum"
      period      = 5 * local.minute
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "queue_depth" {
  alarm_name          = "${var.name}-queue-depth"
  alarm_description   = "More than ${var.alarm_thresholds.queue_depth} messages wait, those that are parked until their turn included. Runbook: queue-depth"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds.queue_depth
  datapoints_to_alarm = 5
  evaluation_periods  = 7
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "depth"
    label       = "Messages in the queue"
    expression  = "FILL(waiting, 0) + FILL(hidden, 0)"
    return_data = true
  }

  metric_query {
    id = "waiting"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.messages.name }
      stat        = "Maximum"
      period      = local.minute
    }
  }

  metric_query {
    id = "hidden"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesNotVisible"
      dimensions  = { QueueName = aws_sqs_queue.messages.name }
      stat        = "Maximum"
      period      = local.minute
    }
  }
}
