# One key for all that the environment keeps: Kubernetes' Secrets, images, the store, its password,
# volumes, backups and logs.

module "kms" {
  source  = "terraform-aws-modules/kms/aws"
  version = "4.2.0"

  description             = "Crypto Rates, ${var.environment}"
  aliases                 = [local.name]
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_protection ? 30 : 7

  # CloudWatch Logs is a service of the region, and not covered by the account's own rights.
  key_statements = [
    {
      sid       = "CloudWatchLogs"
      actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
      resources = ["*"]

      principals = [
        {
          type        = "Service"
          identifiers = ["logs.${var.region}.amazonaws.com"]
        }
      ]

      condition = [
        {
          test     = "ArnLike"
          variable = "kms:EncryptionContext:aws:logs:arn"
          values   = ["arn:${data.aws_partition.current.partition}:logs:${var.region}:${var.account_id}:*"]
        }
      ]
    }
  ]
}
