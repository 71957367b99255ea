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

resource "aws_cloudwatch_metric_alarm" "error_rate" {
  alarm_name          = "${var.name}-error-rate"
  alarm_description   = "More than ${var.alarm_thresholds.error_rate_percent} % of the messages became dead letters. Runbook: error-rate"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds.error_rate_percent
  evaluation_periods  = 1
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
  evaluation_periods  = 5
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

resource "aws_cloudwatch_metric_alarm" "oldest_message" {
  alarm_name          = "${var.name}-oldest-message"
  alarm_description   = "A message has waited for more than ${var.alarm_thresholds.oldest_message_seconds} seconds. Runbook: oldest-message"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.messages.name }
  statistic           = "Maximum"
  period              = local.minute
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds.oldest_message_seconds
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# The median, so that one account in line behind its own limit does not wake anybody while the others are served.
resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-latency"
  alarm_description   = "Half of the messages took more than ${var.alarm_thresholds.latency_ms} ms from the app to the upstream. Runbook: latency"
  namespace           = local.namespace
  metric_name         = "QueueLatency"
  dimensions          = { QueueName = aws_sqs_queue.messages.name }
  extended_statistic  = "p50"
  period              = 5 * local.minute
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds.latency_ms
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "More than ${var.alarm_thresholds.dead_letters} dead letters want a person's decision. Runbook: dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = local.minute
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds.dead_letters
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
