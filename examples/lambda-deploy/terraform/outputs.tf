output "client_environment" {
  description = "What the app that sends needs: `npx pnpm@12 set-env` sets it."
  value = {
    SQS_RATE_LIMITER_QUEUE = aws_sqs_queue.messages.url
    SQS_RATE_LIMITER_DLQ   = aws_sqs_queue.dead_letters.url
    AWS_REGION             = data.aws_region.current.region
  }
}

output "client_policy_arn" {
  description = "Attach it to the role of the app that sends."
  value       = aws_iam_policy.client.arn
}

output "alarm_topic_arn" {
  description = "Where alarms are published."
  value       = aws_sns_topic.alarms.arn
}

output "function_name" {
  description = "For `aws lambda update-function-code` and the logs."
  value       = aws_lambda_function.this.function_name
}

output "dashboard_name" {
  value       = aws_cloudwatch_dashboard.this.dashboard_name
  description = "In CloudWatch, under Dashboards."
}
