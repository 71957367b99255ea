locals {
  batching_window_seconds = 0

  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: at least six times the function's timeout,
  # plus the batching window.
  visibility_timeout_seconds = 6 * var.function_timeout_seconds + local.batching_window_seconds

  fourteen_days_in_seconds = 1209600
}

resource "aws_sqs_queue" "messages" {
  name                       = var.name
  visibility_timeout_seconds = local.visibility_timeout_seconds
  message_retention_seconds  = local.fourteen_days_in_seconds
  receive_wait_time_seconds  = 20
  kms_master_key_id          = aws_kms_key.this.key_id

  # The handler decides what is a dead letter, and says why. This one is for messages that it never got to decide about,
  # so it is as high as SQS allows: waiting for a turn costs receives.
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 1000
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = local.fourteen_days_in_seconds
  kms_master_key_id         = aws_kms_key.this.key_id
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.messages.arn]
  })
}

resource "aws_sqs_queue_policy" "encrypted_transport" {
  for_each  = { messages = aws_sqs_queue.messages, dead_letters = aws_sqs_queue.dead_letters }
  queue_url = each.value.id
  policy    = data.aws_iam_policy_document.encrypted_transport[each.key].json
}

data "aws_iam_policy_document" "encrypted_transport" {
  for_each = { messages = aws_sqs_queue.messages.arn, dead_letters = aws_sqs_queue.dead_letters.arn }

  statement {
    sid       = "RefusePlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
