# The store that the replicas share: ElastiCache for Valkey, by TLS and with a password only.
#
# Not in cluster mode: the program follows no redirections.

module "valkey" {
  source  = "terraform-aws-modules/elasticache/aws"
  version = "1.10.3"

  replication_group_id = local.name
  description          = "Rates and history of Crypto Rates, ${var.environment}"

  engine         = "valkey"
  engine_version = "8.1"
  node_type      = var.valkey.node_type

  cluster_mode_enabled       = false
  num_cache_clusters         = var.valkey.nodes
  automatic_failover_enabled = var.valkey.nodes > 1
  multi_az_enabled           = var.valkey.nodes > 1

  at_rest_encryption_enabled = true
  kms_key_arn                = module.kms.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  snapshot_retention_limit  = var.valkey.snapshot_days
  final_snapshot_identifier = var.deletion_protection ? "${local.name}-final" : null
  apply_immediately         = !var.deletion_protection

  create_parameter_group = false
  parameter_group_name   = aws_elasticache_parameter_group.this.name

  subnet_group_name = local.name
  subnet_ids        = module.vpc.intra_subnets

  vpc_id              = module.vpc.vpc_id
  security_group_name = "${local.name}-valkey"
  security_group_rules = {
    nodes = {
      description                  = "Pods of the cluster"
      referenced_security_group_id = module.eks.node_security_group_id
    }
  }

  log_delivery_configuration = {
    slow-log = {
      destination_type                       = "cloudwatch-logs"
      log_format                             = "json"
      cloudwatch_log_group_name              = local.name
      cloudwatch_log_group_kms_key_id        = module.kms.key_arn
      cloudwatch_log_group_retention_in_days = var.log_retention_days
    }
  }
}

resource "aws_elasticache_parameter_group" "this" {
  name        = local.name
  family      = "valkey8"
  description = "Nothing is dropped when memory is short"

  # Any other policy may take the history away.
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

locals {
  # What docs/operations.md lists, and no more.
  valkey_commands = [
    "get", "set", "del", "rename", "type", "time", "ping", "pexpire", "pttl", "zadd", "zrangebyscore",
    "zremrangebyscore", "publish", "subscribe", "eval", "evalsha", "script|load", "select",
  ]
}

# The only user, under the name that a group must have: who connects without a name is this one, too,
# and needs the password.
resource "aws_elasticache_user" "this" {
  user_id       = local.name
  user_name     = "default"
  engine        = "valkey"
  access_string = "on ~{crypto-rates:1}:* &crypto-rates:1:* -@all ${join(" ", formatlist("+%s", local.valkey_commands))}"

  passwords_wo         = ephemeral.random_password.valkey.result
  passwords_wo_version = var.valkey_password_version

  # The password is told to nobody before it is kept.
  depends_on = [aws_secretsmanager_secret_version.valkey]
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = local.name
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.this.user_id]
}

# A new one in each run, of which nothing is kept unless the version was raised; it is in no state and no
# plan. Letters and digits only: it will stand in an address.
ephemeral "random_password" "valkey" {
  length  = 48
  special = false
}

resource "aws_secretsmanager_secret" "valkey" {
  name        = "${local.name}/valkey"
  description = "The password of the user default of ${local.name} in ElastiCache"
  kms_key_id  = module.kms.key_arn

  # Otherwise a destroyed environment could not be made again for a month.
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "valkey" {
  secret_id = aws_secretsmanager_secret.valkey.id

  secret_string_wo         = ephemeral.random_password.valkey.result
  secret_string_wo_version = var.valkey_password_version
}
