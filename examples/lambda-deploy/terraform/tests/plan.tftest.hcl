# Plans the whole module without an account. `terraform init` must have fetched the providers, whose schemas the mocks use.
mock_provider "aws" {
  source = "./tests"
}

variables {
  vpc_id           = "vpc-0123456789abcdef0"
  subnet_ids       = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  upstream_url     = "https://upstream.example/messages"
  upstream_token   = "a-token"
  cache_auth_token = "0123456789abcdef0123456789abcdef"
}

run "messages_stay_hidden_for_as_long_as_lambda_may_try" {
  command = plan

  variables {
    function_timeout_seconds = 45
  }

  assert {
    condition     = aws_sqs_queue.messages.visibility_timeout_seconds >= 6 * 45
    error_message = "Expected six times the function's timeout."
  }
}

run "nobody_gets_mail_unless_told" {
  command = plan

  assert {
    condition     = length(aws_sns_topic_subscription.mail) == 0
    error_message = "Expected no subscription without an address."
  }
}

run "an_address_gets_mail" {
  command = plan

  variables {
    alarm_email = "on-call@huntaze.example"
  }

  assert {
    condition     = aws_sns_topic_subscription.mail[0].endpoint == "on-call@huntaze.example"
    error_message = "Expected the address to be subscribed."
  }
}

run "messages_come_from_shared_pollers_by_default" {
  command = plan

  assert {
    condition     = aws_lambda_event_source_mapping.messages.scaling_config[0].maximum_concurrency == 10 && length(aws_lambda_event_source_mapping.messages.provisioned_poller_config) == 0
    error_message = "Expected a bound on concurrent batches and no pollers of our own."
  }
}

run "pollers_of_ones_own_replace_that_bound" {
  command = plan

  variables {
    provisioned_pollers = { minimum = 2, maximum = 5 }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.messages.provisioned_poller_config[0].maximum_pollers == 5 && length(aws_lambda_event_source_mapping.messages.scaling_config) == 0
    error_message = "Expected pollers of our own and no bound on concurrent batches, which Lambda refuses together."
  }
}

run "an_upstream_on_another_port_is_reachable" {
  command = plan

  variables {
    upstream_url = "https://upstream.example:8443/messages"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.function_to_https : rule.to_port]) == toset([443, 8443])
    error_message = "Expected the security group to let SQS and the upstream through."
  }
}

run "every_alarm_looks_at_more_periods_than_it_needs" {
  command = plan

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.of_metric), [aws_cloudwatch_metric_alarm.error_rate, aws_cloudwatch_metric_alarm.queue_depth]) : alarm.datapoints_to_alarm < alarm.evaluation_periods])
    error_message = "Expected M of N: otherwise a period whose values come late decides for ever."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.of_metric["latency"].extended_statistic == "p50" && aws_cloudwatch_metric_alarm.of_metric["undelivered-message"].threshold == 600000
    error_message = "Expected the median latency, and ten minutes in milliseconds."
  }
}
