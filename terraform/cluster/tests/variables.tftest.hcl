# What the cluster root refuses, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
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
  environment         = "development"
  vpc_cidr            = "10.40.0.0/16"
  nat_gateways        = "one"
  flow_logs           = false
  nodes               = { instance_types = ["t3.medium"], max_per_zone = 2 }
  valkey              = { node_type = "cache.t4g.micro", nodes = 1, snapshot_days = 0 }
  log_retention_days  = 7
  deletion_protection = false
  today               = "2026-11-29"
}

run "names_that_do_not_exist" {
  command = plan

  variables {
    region       = "Frankfurt"
    account_id   = "12345678901"
    environment  = "prod"
    nat_gateways = "none"
  }

  expect_failures = [var.region, var.account_id, var.environment, var.nat_gateways]
}

run "a_network_that_is_too_small_for_three_zones" {
  command = plan

  variables {
    vpc_cidr = "10.40.0.0/20"
  }

  expect_failures = [var.vpc_cidr]
}

run "an_api_for_everybody" {
  command = plan

  variables {
    api_public_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_public_cidrs]
}

run "an_api_for_half_of_everybody" {
  command = plan

  variables {
    api_public_cidrs  = ["203.0.113.7/32", "128.0.0.0/1"]
    api_private_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_public_cidrs, var.api_private_cidrs]
}

run "an_administrator_who_is_no_role" {
  command = plan

  variables {
    admin_role_arns = ["arn:aws:iam::123456789012:user/somebody"]
  }

  expect_failures = [var.admin_role_arns]
}

run "a_zone_without_nodes" {
  command = plan

  variables {
    nodes = { instance_types = ["t3.medium"], min_per_zone = 0, max_per_zone = 2 }
  }

  expect_failures = [var.nodes]
}

run "more_nodes_than_the_most" {
  command = plan

  variables {
    nodes = { instance_types = ["t3.medium"], min_per_zone = 3, max_per_zone = 2 }
  }

  expect_failures = [var.nodes]
}

run "nodes_of_no_kind" {
  command = plan

  variables {
    nodes              = { instance_types = [], ami_type = "AL2_x86_64", capacity_type = "CHEAP", disk_gib = 5, max_per_zone = 2 }
    log_retention_days = 8
  }

  expect_failures = [var.nodes, var.log_retention_days]
}

run "a_kubernetes_that_eks_does_not_have" {
  command = plan

  variables {
    kubernetes_version = "1.9"
  }

  expect_failures = [var.kubernetes_version]
}

run "a_day_that_is_none" {
  command = plan

  variables {
    today = "yesterday"
  }

  expect_failures = [var.today]
}

run "a_kubernetes_on_the_day_its_standard_support_ends" {
  command = plan

  variables {
    kubernetes_version = "1.35"
    today              = "2027-03-27"
  }

  expect_failures = [var.kubernetes_version]
}

run "a_kubernetes_without_pins" {
  command = plan

  variables {
    kubernetes_version = "1.34"
  }

  expect_failures = [var.kubernetes_version]
}

run "a_store_without_a_stand_by_in_production" {
  command = plan

  variables {
    environment = "production"
  }

  expect_failures = [var.valkey]
}

run "a_store_that_does_not_exist" {
  command = plan

  variables {
    valkey                  = { node_type = "t4g.micro", nodes = 4, snapshot_days = 36 }
    valkey_password_version = 0
  }

  expect_failures = [var.valkey, var.valkey_password_version]
}
