# What the cluster root promises, with AWS mocked: terraform test. What it tells the community's modules
# is looked at by tests/deploy/terraform, for each environment.
#
# Terraform can't mock ephemeral resources. The only one is random's, which needs no account.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-central-1c", "eu-central-1a", "eu-central-1b", "eu-central-1d"]
    }
  }
}

mock_provider "cloudinit" {}
mock_provider "null" {}
mock_provider "time" {}
mock_provider "tls" {}

variables {
  region              = "eu-central-1"
  account_id          = "123456789012"
  environment         = "staging"
  vpc_cidr            = "10.41.0.0/16"
  nat_gateways        = "one"
  flow_logs           = true
  nodes               = { instance_types = ["t3.large"], max_per_zone = 2 }
  valkey              = { node_type = "cache.t4g.micro", nodes = 2, snapshot_days = 1 }
  log_retention_days  = 14
  deletion_protection = false
  today               = "2026-11-29"
}

run "everything_is_over_three_zones" {
  command = plan

  assert {
    condition     = module.vpc.azs == tolist(["eu-central-1a", "eu-central-1b", "eu-central-1c"])
    error_message = "The VPC is not over the region's first three zones."
  }
}

run "zones_without_eks_are_left_out" {
  command = plan

  assert {
    condition     = data.aws_availability_zones.available.exclude_zone_ids == toset(["cac1-az3", "use1-az3", "usw1-az2"])
    error_message = "A zone may be chosen that has no control plane of EKS."
  }
}

run "a_version_may_be_asked_for_until_the_day_before_its_end" {
  command = plan

  variables {
    kubernetes_version = "1.35"
    today              = "2027-03-26"
  }
}

run "a_region_with_two_zones_is_refused" {
  command = plan

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["eu-central-1a", "eu-central-1b"] }
  }

  expect_failures = [data.aws_availability_zones.available]
}

run "the_store_lets_in_one_user_with_a_password_for_its_own_keys" {
  command = plan

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset([aws_elasticache_user.this.user_id])
    error_message = "There is another user in the group."
  }

  assert {
    condition     = aws_elasticache_user.this.user_name == "default" && aws_elasticache_user.this.no_password_required == null
    error_message = "Who gives no name needs no password."
  }

  assert {
    condition     = !strcontains(aws_elasticache_user.this.access_string, "+@") && !can(regex("[~&]\\*", aws_elasticache_user.this.access_string))
    error_message = "The user may run whole categories of commands, or reach all keys or channels."
  }

  assert {
    condition     = [for p in aws_elasticache_parameter_group.this.parameter : p.value if p.name == "maxmemory-policy"] == ["noeviction"]
    error_message = "The store may drop history when memory is short."
  }
}

run "the_password_stands_in_no_state" {
  command = apply

  # An apply needs more of the mocked cluster than this is about.
  override_module {
    target = module.eks
    outputs = {
      cluster_name           = "crypto-rates-staging"
      node_security_group_id = "sg-nodes"
    }
  }

  assert {
    condition = alltrue([
      aws_elasticache_user.this.passwords == null,
      aws_elasticache_user.this.passwords_wo == null,
      aws_secretsmanager_secret_version.valkey.secret_string_wo == null,
      aws_elasticache_user.this.passwords_wo_version == aws_secretsmanager_secret_version.valkey.secret_string_wo_version,
    ])
    error_message = "The password is kept, or the store and the secret would get different ones."
  }

  assert {
    condition = alltrue([
      strcontains(output.next_commands, "aws eks update-kubeconfig --region eu-central-1 --name crypto-rates-staging"),
      strcontains(output.next_commands, "--secret-id crypto-rates-staging/valkey"),
      strcontains(output.next_commands, "terraform -chdir=terraform/platform apply -var-file=environments/staging.tfvars"),
      strcontains(output.next_commands, "from inside its network"),
    ])
    error_message = "The next commands are not those of this environment."
  }
}

run "a_new_version_is_a_new_password_in_both_places" {
  command = plan

  variables {
    valkey_password_version = 2
  }

  assert {
    condition     = aws_elasticache_user.this.passwords_wo_version == 2 && aws_secretsmanager_secret_version.valkey.secret_string_wo_version == 2
    error_message = "Raising the version does not make a new password."
  }
}

run "what_is_protected_can_be_had_back_for_a_month" {
  command = plan

  variables {
    deletion_protection = true
  }

  assert {
    condition     = aws_secretsmanager_secret.valkey.recovery_window_in_days == 30
    error_message = "The password of a protected environment is gone at once when it is destroyed."
  }
}
