# Where Velero keeps its backups. Here and not in the platform root, so that they outlive the platform.

module "backups" {
  source = "../modules/bucket"

  name                   = "${local.name}-backups-${var.account_id}"
  kms_key_arn            = module.kms.key_arn
  keep_old_versions_days = 14
  force_destroy          = !var.deletion_protection
}
