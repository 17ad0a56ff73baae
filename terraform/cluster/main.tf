# Names, and the zones that everything is spread over.

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  state = "available"

  # Local zones and their like have to be asked for, and have neither EKS nor ElastiCache.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= 3
      error_message = "The region ${var.region} has fewer than three zones for this account."
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
