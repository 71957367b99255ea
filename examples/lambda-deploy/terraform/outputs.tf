output "client_environment" {
  description = "What the app that sends needs: `npx pnpm@12 set-env` sets it. The URLs name the region."
  value = {
    SQS_RATE_LIMITER_QUEUE = aws_sqs_queue.messages.url
    SQS_RATE_LIMITER_DLQ   = aws_sqs_queue.dead_letters.url
  }
}

output "client_policy_arn" {
  description = "Attach it to the role of the app that sends."
  value       = aws_iam_policy.client.arn
}

output "worker_policy_arn" {
  description = "Attach it to the role of a host that runs `createWorker` instead of the function."
  value       = aws_iam_policy.worker.arn
}

output "on_call_policy_arn" {
  description = "Attach it to the role of people who follow the runbook."
  value       = aws_iam_policy.on_call.arn
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
