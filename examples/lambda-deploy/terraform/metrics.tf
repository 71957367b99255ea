locals {
  # `METRIC_NAMESPACE` of the SDK; `metricUnits` has the names, `METRIC_DIMENSION` the dimension.
  namespace = "Huntaze/RateLimiter"
  minute    = 60

  # Each widget: a title and its metrics, as [namespace, name, dimension, value, options].
  widgets = [
    {
      title = "Messages"
      stat  = "Sum"
      metrics = [
        [local.namespace, "MessagesQueued", "QueueName", var.name],
        [local.namespace, "MessagesSent", "QueueName", var.name],
        [local.namespace, "MessagesFailed", "QueueName", var.name],
      ]
    },
    {
      title = "Waiting in the queue"
      stat  = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.name],
        ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", var.name],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${var.name}-dead-letters"],
      ]
    },
    {
      title = "Age of the oldest message"
      stat  = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.name],
        [local.namespace, "OldestMessageAge", "QueueName", var.name, { yAxis = "right" }],
      ]
    },
    {
      title = "From the app to the upstream"
      stat  = "p50"
      metrics = [
        [local.namespace, "QueueLatency", "QueueName", var.name],
        [local.namespace, "QueueLatency", "QueueName", var.name, { stat = "p99" }],
        [local.namespace, "DeliveryLatency", "QueueName", var.name, { stat = "p99" }],
        [local.namespace, "DueTimeError", "QueueName", var.name, { stat = "p99" }],
      ]
    },
    {
      title = "Held back by the limits"
      stat  = "Sum"
      metrics = [
        [local.namespace, "RateLimitedMessages", "QueueName", var.name],
        [local.namespace, "ParkedMessages", "QueueName", var.name],
        [local.namespace, "HeldMessages", "QueueName", var.name],
        [local.namespace, "LimiterUnavailable", "QueueName", var.name],
        [local.namespace, "LimiterLatency", "QueueName", var.name, { stat = "p99", yAxis = "right" }],
      ]
    },
    {
      title = "Function"
      stat  = "Sum"
      metrics = [
        ["AWS/Lambda", "Invocations", "FunctionName", var.name],
        ["AWS/Lambda", "Errors", "FunctionName", var.name],
        ["AWS/Lambda", "Throttles", "FunctionName", var.name],
        ["AWS/Lambda", "Duration", "FunctionName", var.name, { stat = "p99", yAxis = "right" }],
      ]
    },
  ]
}
