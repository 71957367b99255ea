# The function.
resource "aws_iam_role" "function" {
  name               = "${var.name}-function"
  assume_role_policy = data.aws_iam_policy_document.lambda_assumes.json
}

data "aws_iam_policy_document" "lambda_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "deliver"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

data "aws_iam_policy_document" "function" {
  source_policy_documents = [data.aws_iam_policy_document.deliver.json]

  # Streams are named by Lambda.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:log-stream:*"]
  }

  # The service needs these to reach the VPC, on all resources; the code does not.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  statement {
    sid       = "ReachVpc"
    actions   = local.network_actions
    resources = ["*"]
  }

  statement {
    sid       = "CodeLeavesNetworkAlone"
    effect    = "Deny"
    actions   = local.network_actions
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = [for name in [var.name, "${var.name}-operator"] : "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:function:${name}"]
    }
  }
}

locals {
  network_actions = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ]
}

# What every handler needs, wherever it runs.
data "aws_iam_policy_document" "deliver" {
  statement {
    sid       = "Deliver"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    resources = [aws_sqs_queue.messages.arn]
  }

  statement {
    sid       = "SetAside"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
  }
}

# A worker of your own instead of the function: attach it to its host's role.
resource "aws_iam_policy" "worker" {
  name        = "${var.name}-worker"
  description = "Delivers messages of ${var.name} outside Lambda"
  policy      = data.aws_iam_policy_document.worker.json
}

data "aws_iam_policy_document" "worker" {
  source_policy_documents = [data.aws_iam_policy_document.deliver.json, data.aws_iam_policy_document.measure.json]
}

# The app that sends: attach it to the app's role.
resource "aws_iam_policy" "client" {
  name        = "${var.name}-client"
  description = "Queues messages of ${var.name} and reads where they stand"
  policy      = data.aws_iam_policy_document.client.json
}

data "aws_iam_policy_document" "client" {
  source_policy_documents = [data.aws_iam_policy_document.measure.json]

  statement {
    sid       = "Send"
    actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.messages.arn]
  }

  statement {
    sid       = "CountDeadLetters"
    actions   = ["sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
  }
}

# `cloudWatchMetrics`, of an app or a worker.
data "aws_iam_policy_document" "measure" {
  # This action knows no resources; the condition names what may be written.
  statement {
    sid       = "Measure"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [local.namespace]
    }
  }
}

# People who follow the runbook: attach it to their role.
resource "aws_iam_policy" "on_call" {
  name        = "${var.name}-on-call"
  description = "What the runbook of ${var.name} tells people to do"
  policy      = data.aws_iam_policy_document.on_call.json
}

data "aws_iam_policy_document" "on_call" {
  statement {
    sid = "HandleDeadLetters"
    actions = [
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:StartMessageMoveTask",
      "sqs:ListMessageMoveTasks",
      "sqs:CancelMessageMoveTask",
    ]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  statement {
    sid       = "MoveBack"
    actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.messages.arn]
  }

  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
  }

  statement {
    sid       = "Operate"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.operator.arn]
  }

  statement {
    sid       = "StopEverything"
    actions   = ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"]
    resources = [aws_lambda_event_source_mapping.messages.arn]
  }

  # This action knows no resources.
  statement {
    sid       = "FindMapping"
    actions   = ["lambda:ListEventSourceMappings"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadLog"
    actions   = ["logs:FilterLogEvents"]
    resources = [aws_cloudwatch_log_group.function.arn, "${aws_cloudwatch_log_group.function.arn}:*"]
  }
}
