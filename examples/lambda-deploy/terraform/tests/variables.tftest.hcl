# What the module refuses before it makes anything.
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

run "the_usual_is_accepted" {
  command = plan

  assert {
    condition     = length(local.widgets) == 6
    error_message = "Expected six widgets."
  }

  assert {
    condition = var.alarm_thresholds == {
      error_rate_percent     = 5
      queue_depth            = 100
      oldest_message_seconds = 600
      latency_ms             = 5000
      dead_letters           = 0
      limiter_unavailable    = 0
      function_errors        = 0
      function_throttles     = 0
    }
    error_message = "Expected the thresholds that the documentation names."
  }
}

run "one_threshold_leaves_the_others" {
  command = plan

  variables {
    alarm_thresholds = { queue_depth = 5000 }
  }

  assert {
    condition     = var.alarm_thresholds.queue_depth == 5000 && var.alarm_thresholds.latency_ms == 5000
    error_message = "Expected one threshold to change and the others to stay."
  }
}

run "refuses_a_name_that_aws_would_refuse" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "Rate Limiter"
  }
}

run "refuses_a_name_that_elasticache_would_refuse" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "rate--limiter"
  }
}

run "refuses_a_name_that_security_groups_would_refuse" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "sg-limiter"
  }
}

run "refuses_a_single_subnet" {
  command         = plan
  expect_failures = [var.subnet_ids]

  variables {
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef0"]
  }
}

run "refuses_something_else_than_a_vpc" {
  command         = plan
  expect_failures = [var.vpc_id]

  variables {
    vpc_id = "production"
  }
}

run "refuses_a_token_over_plain_http" {
  command         = plan
  expect_failures = [var.upstream_url]

  variables {
    upstream_url = "http://upstream.example/messages"
  }
}

run "refuses_a_port_that_there_is_not" {
  command         = plan
  expect_failures = [var.upstream_url]

  variables {
    upstream_url = "https://upstream.example:65536/messages"
  }
}

run "finds_the_port_of_the_upstream" {
  command = plan

  variables {
    upstream_url = "https://upstream.example:8443?at=https://other.example:1"
  }

  assert {
    condition     = local.upstream_port == 8443
    error_message = "Expected the port of the host."
  }
}

run "takes_443_if_the_url_names_no_port" {
  command = plan

  variables {
    upstream_url = "https://upstream.example/at:8443"
  }

  assert {
    condition     = local.upstream_port == 443
    error_message = "Expected the port of https."
  }
}

run "refuses_pollers_that_lambda_does_not_allow" {
  command         = plan
  expect_failures = [var.provisioned_pollers]

  variables {
    provisioned_pollers = { minimum = 1, maximum = 5 }
  }
}

run "refuses_an_empty_token" {
  command         = plan
  expect_failures = [var.upstream_token]

  variables {
    upstream_token = ""
  }
}

run "refuses_a_password_that_does_not_fit_into_a_url" {
  command         = plan
  expect_failures = [var.cache_auth_token]

  variables {
    cache_auth_token = "0123456789abcdef@0123456789abcdef"
  }
}

run "refuses_what_is_no_node_type" {
  command         = plan
  expect_failures = [var.cache_node_type]

  variables {
    cache_node_type = "t4g.micro"
  }
}

run "refuses_half_a_message" {
  command         = plan
  expect_failures = [var.rate_limit, var.rate_window_seconds]

  variables {
    rate_limit          = 0.5
    rate_window_seconds = 0
  }
}

run "refuses_what_lambda_does_not_allow" {
  command         = plan
  expect_failures = [var.function_timeout_seconds, var.function_memory_mb, var.maximum_concurrency]

  variables {
    function_timeout_seconds = 901
    function_memory_mb       = 64
    maximum_concurrency      = 1
  }
}

run "refuses_what_is_no_address" {
  command         = plan
  expect_failures = [var.alarm_email]

  variables {
    alarm_email = "on-call"
  }
}

run "refuses_a_threshold_below_zero" {
  command         = plan
  expect_failures = [var.alarm_thresholds]

  variables {
    alarm_thresholds = { dead_letters = -1 }
  }
}
