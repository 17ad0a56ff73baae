# The registry: a repository for the image, and one for the chart.

module "ecr" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "3.2.0"

  for_each = toset(["crypto-rates", "charts/crypto-rates"])

  repository_name = "${local.name}/${each.key}"

  repository_encryption_type    = "KMS"
  repository_kms_key            = module.kms.key_arn
  repository_image_scan_on_push = true
  repository_force_delete       = !var.deletion_protection

  # A tag means one build for ever. Signatures are tags, too, and a second one is added to the first.
  repository_image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
  repository_image_tag_mutability_exclusion_filter = [
    {
      filter      = "sha256-*"
      filter_type = "WILDCARD"
    }
  ]

  # IAM decides who may push and pull; all of them are in this account.
  attach_repository_policy = false

  repository_lifecycle_policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What no tag leads to any more"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      }
    ]
  })
}
