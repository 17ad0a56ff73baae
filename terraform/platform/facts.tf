# What the cluster root has made, looked up by name. Not from its state: whoever could read that could read
# all of it, and the two would have to be changed together.

locals {
  name = "crypto-rates-${var.environment}"
}

data "aws_partition" "current" {}

data "aws_eks_cluster" "this" {
  name = local.name
}

data "aws_kms_alias" "this" {
  name = "alias/${local.name}"
}

data "aws_ecr_repository" "image" {
  name = "${local.name}/crypto-rates"
}

data "aws_elasticache_replication_group" "valkey" {
  replication_group_id = local.name
}

data "aws_s3_bucket" "backups" {
  bucket = "${local.name}-backups-${var.account_id}"
}

data "aws_route53_zone" "this" {
  name = var.hosted_zone
}

# Load balancers come from the public subnets, the store is in those without a way out.
data "aws_subnets" "tier" {
  for_each = toset(["public", "intra"])

  filter {
    name   = "vpc-id"
    values = [data.aws_eks_cluster.this.vpc_config[0].vpc_id]
  }

  tags = { Tier = each.key }

  lifecycle {
    postcondition {
      condition     = length(self.ids) == 3
      error_message = "The cluster's VPC should have three subnets with the tag Tier=${each.key}, but has ${length(self.ids)}. Was it made by the cluster root?"
    }
  }
}

data "aws_subnet" "public" {
  for_each = toset(data.aws_subnets.tier["public"].ids)

  id = each.key
}

data "aws_subnet" "intra" {
  for_each = toset(data.aws_subnets.tier["intra"].ids)

  id = each.key
}
