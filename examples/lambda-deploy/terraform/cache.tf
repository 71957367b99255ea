# Valkey holds who may send when. It is small, and losing it costs each account one window of waiting, no message.
resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Limits of ${var.name}"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.cache_node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this.name

  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.cache.id]

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = var.cache_auth_token
  auth_token_update_strategy = "SET"
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this.arn
}

resource "aws_elasticache_parameter_group" "this" {
  name   = var.name
  family = "valkey8"

  # Evicting a count would forget who has sent; refusing a write makes the handler wait.
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "cache" {
  name        = "${var.name}-cache"
  description = "The cache: reached by the function alone"
  vpc_id      = var.vpc_id
}

resource "aws_security_group" "function" {
  name        = "${var.name}-function"
  description = "The function: reaches the cache, and HTTPS"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "cache_from_function" {
  security_group_id            = aws_security_group.cache.id
  referenced_security_group_id = aws_security_group.function.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_egress_rule" "function_to_cache" {
  security_group_id            = aws_security_group.function.id
  referenced_security_group_id = aws_security_group.cache.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# SQS and the upstream.
resource "aws_vpc_security_group_egress_rule" "function_to_https" {
  for_each          = toset([for port in [443, local.upstream_port] : tostring(port)])
  security_group_id = aws_security_group.function.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
}
