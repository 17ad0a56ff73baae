# What an account has one of: the bucket that holds the state of the other roots, and its trust in GitHub. Its
# own state is a local file, which may be lost: README.md says how to import what it had.

terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project   = "crypto-rates"
      ManagedBy = "terraform/state"
    }
  }
}

variable "region" {
  description = "The region of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "region must be the code of a region, such as eu-central-1."
  }
}

variable "account_id" {
  description = "The account, so that nothing is made in a wrong one."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits, in quotes."
  }
}

variable "github_oidc_provider" {
  description = "Whether the account gets a provider for GitHub's tokens; false where it has one already, or uses none."
  type        = bool
  default     = true
}

# AWS knows GitHub's certificate itself. What a token may do is said by the roles that trust it.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_oidc_provider ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# force_destroy stays off: a bucket with states in it can't be destroyed by mistake.
module "bucket" {
  source = "../modules/bucket"

  name                   = "crypto-rates-terraform-${var.account_id}"
  keep_old_versions_days = 90
}

output "bucket" {
  description = "The bucket's name, for -backend-config."
  value       = module.bucket.name
}
