# Plans the whole module without an account. `terraform init` must have fetched the providers, whose schemas the mocks use.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

mock_provider "archive" {}

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
