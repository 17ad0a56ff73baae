# Names, and the zones that everything is spread over.

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  state = "available"

  # Without EKS' control plane, as
  # https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html#network-requirements-subnets lists them.
  # By their ids: which letter one has differs between accounts.
  exclude_zone_ids = ["cac1-az3", "use1-az3", "usw1-az2"]

  # Local zones and their like have to be asked for, and have neither EKS nor ElastiCache.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= 3
      error_message = "The region ${var.region} has fewer than three zones with EKS for this account."
    }
  }
}

locals {
  name  = "crypto-rates-${var.environment}"
  zones = slice(sort(data.aws_availability_zones.available.names), 0, 3)

  tags = {
    Project     = "crypto-rates"
    Environment = var.environment
    ManagedBy   = "terraform/cluster"
  }
}
