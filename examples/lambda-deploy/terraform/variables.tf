variable "name" {
  description = "Names everything in this module. One deployment per name and account."
  type        = string
  default     = "rate-limiter"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && !startswith(var.name, "sg-")
    error_message = "Expected 3 to 30 of a-z, 0-9 and single -, starting with a letter but not with sg-, which AWS keeps for security groups, and not ending with -."
  }
}

variable "vpc_id" {
  description = "The VPC of the cache and the function."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "Expected the id of a VPC, such as vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets of that VPC in at least two zones, with a route to the upstream and to SQS (a NAT gateway does both)."
  type        = list(string)

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "Expected the ids of at least two different subnets, such as subnet-0123456789abcdef0."
  }
}

variable "upstream_url" {
  description = "Where the function posts each message."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[1-9][0-9]{0,4})?([/?].*)?$", var.upstream_url)) && try(tonumber(regex("^https://[^/?]*:([0-9]+)", var.upstream_url)[0]), 443) <= 65535
    error_message = "Expected an https:// URL of a host, with a port up to 65535 if not 443: the upstream token travels with each call."
  }
}

locals {
  # The port that the function's security group lets out.
  upstream_port = try(tonumber(regex("^https://[^/?]*:([0-9]+)", var.upstream_url)[0]), 443)
}

variable "upstream_token" {
  description = "Sent to the upstream as a bearer token."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.upstream_token) > 0
    error_message = "Expected the token of the upstream, found an empty one."
  }
}

variable "cache_auth_token" {
  description = "The password of the cache: 32 to 128 letters and digits, so that it fits into a URL as it is."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]{32,128}$", var.cache_auth_token))
    error_message = "Expected 32 to 128 letters and digits. `openssl rand -hex 32` makes one."
  }
}

variable "cache_node_type" {
  description = "A small node is plenty: the cache holds about 1 kB per account with messages in line."
  type        = string
  default     = "cache.t4g.micro"

  validation {
    condition     = startswith(var.cache_node_type, "cache.")
    error_message = "Expected a node type of ElastiCache, such as cache.t4g.micro."
  }
}

variable "rate_limit" {
  description = "How many messages of one account the upstream takes in one window."
  type        = number
  default     = 10

  validation {
    condition     = var.rate_limit >= 1 && var.rate_limit <= 10000 && floor(var.rate_limit) == var.rate_limit
    error_message = "Expected a whole number from 1 to 10000."
  }
}

variable "rate_window_seconds" {
  description = "How long a window is."
  type        = number
  default     = 60

  validation {
    condition     = var.rate_window_seconds >= 1 && var.rate_window_seconds <= 86400 && floor(var.rate_window_seconds) == var.rate_window_seconds
    error_message = "Expected whole seconds from 1 to 86400, a day."
  }
}

variable "function_timeout_seconds" {
  description = "How long one batch may take."
  type        = number
  default     = 30

  validation {
    condition     = var.function_timeout_seconds >= 10 && var.function_timeout_seconds <= 900 && floor(var.function_timeout_seconds) == var.function_timeout_seconds
    error_message = "Expected whole seconds from 10 to 900: less leaves no time to deliver a batch, more Lambda does not allow."
  }
}

variable "function_memory_mb" {
  description = "Memory, and with it the share of a processor."
  type        = number
  default     = 256

  validation {
    condition     = var.function_memory_mb >= 128 && var.function_memory_mb <= 10240
    error_message = "Expected 128 to 10240 MB."
  }
}

variable "maximum_concurrency" {
  description = "How many batches are delivered at once."
  type        = number
  default     = 10

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "Expected 2 to 1000, which is what an event source mapping allows."
  }
}

variable "provisioned_pollers" {
  description = "Event pollers of your own instead of shared ones, for sudden loads: they scale faster and are paid by the hour. Replaces maximum_concurrency: each poller runs up to 10 batches at once. Null: none."
  type        = object({ minimum = number, maximum = number })
  default     = null

  # https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
  validation {
    condition     = var.provisioned_pollers == null ? true : var.provisioned_pollers.minimum >= 2 && var.provisioned_pollers.minimum <= 200 && var.provisioned_pollers.maximum >= var.provisioned_pollers.minimum && var.provisioned_pollers.maximum <= 2000
    error_message = "Expected a minimum from 2 to 200, and a maximum from there to 2000."
  }
}

variable "alarm_email" {
  description = "Gets a mail for every alarm. Empty: subscribe to the topic yourself."
  type        = string
  default     = ""

  validation {
    condition     = var.alarm_email == "" || can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "Expected an e-mail address, or nothing."
  }
}

variable "alarm_thresholds" {
  description = "An alarm fires above its number."
  type = object({
    error_rate_percent     = optional(number, 5)
    queue_depth            = optional(number, 100)
    oldest_message_seconds = optional(number, 600)
    latency_ms             = optional(number, 5000)
    dead_letters           = optional(number, 0)
    limiter_unavailable    = optional(number, 0)
    function_errors        = optional(number, 0)
    function_throttles     = optional(number, 0)
  })
  default = {}

  validation {
    condition     = alltrue([for threshold in values(var.alarm_thresholds) : threshold >= 0])
    error_message = "Expected numbers of at least 0."
  }
}
