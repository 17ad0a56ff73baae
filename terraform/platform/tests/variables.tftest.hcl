# What the platform root refuses, before anything is asked of AWS or the cluster.

mock_provider "aws" {
  mock_data "aws_eks_cluster" {
    defaults = {
      endpoint              = "https://eks.example.org"
      version               = "1.36"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-1" }]
    }
  }
}

override_data {
  target = data.aws_subnets.tier
  values = { ids = ["subnet-a", "subnet-b", "subnet-c"] }
}

mock_provider "helm" {}
mock_provider "kubernetes" {}
mock_provider "time" {}

variables {
  region                = "eu-central-1"
  account_id            = "123456789012"
  environment           = "development"
  hosted_zone           = "example.org"
  host_name             = "rates"
  replicas              = { min = 2, max = 2 }
  prometheus            = { retention_days = 3, volume_gib = 10 }
  log_retention_days    = 7
  backup_retention_days = 3
  valkey_password       = "NotThePasswordOfAnything"
}

run "names_that_do_not_exist" {
  command = plan

  variables {
    region      = "Frankfurt"
    account_id  = "123"
    environment = "prod"
    hosted_zone = "example.org."
    host_name   = "rates.example.org"
  }

  expect_failures = [var.region, var.account_id, var.environment, var.hosted_zone, var.host_name]
}

run "a_single_replica" {
  command = plan

  variables {
    replicas = { min = 1, max = 2 }
  }

  expect_failures = [var.replicas]
}

run "more_replicas_than_the_most" {
  command = plan

  variables {
    replicas = { min = 3, max = 2 }
  }

  expect_failures = [var.replicas]
}

run "a_production_whose_alerts_reach_nobody" {
  command = plan

  variables {
    environment = "production"
  }

  expect_failures = [var.alerts]
}

run "a_receiver_that_can_t_be_reached" {
  command = plan

  variables {
    alerts      = { email = { to = "a@example.org", from = "b@example.org", smarthost = "smtp.example.org", username = "b" } }
    runbook_url = "operations.md"
  }

  expect_failures = [var.alerts, var.runbook_url]
}

run "a_deployer_who_may_be_anybody" {
  command = plan

  variables {
    github_repository       = "example/*"
    deployer_principal_arns = ["*"]
  }

  expect_failures = [var.github_repository, var.deployer_principal_arns]
}

run "visitors_that_a_cdn_would_let_in_all_the_same" {
  command = plan

  variables {
    visitor_cidrs = ["203.0.113.0/24"]
    cdn           = { enabled = true, price_class = "PriceClass_1", web_acl_arn = "rates" }
  }

  expect_failures = [var.cdn]
}

run "the_sample_instead_of_live_rates" {
  command = plan

  variables {
    rates_sources = ["coingecko", "sample"]
  }

  expect_failures = [var.rates_sources]
}

run "a_password_that_is_none" {
  command = plan

  variables {
    valkey_password         = "an error message of the AWS CLI"
    valkey_password_version = 0
  }

  expect_failures = [var.valkey_password, var.valkey_password_version]
}

run "a_version_of_a_key_that_is_not_given" {
  command = plan

  variables {
    coingecko_api_key_version = 1
    coingecko_api_plan        = "free"
  }

  expect_failures = [var.coingecko_api_key, var.coingecko_api_plan]
}

run "visitors_from_nowhere" {
  command = plan

  variables {
    visitor_cidrs = []
    web_acl_arn   = "rates"
  }

  expect_failures = [var.visitor_cidrs, var.web_acl_arn]
}

run "keeping_things_for_no_time" {
  command = plan

  variables {
    prometheus            = { retention_days = 0, volume_gib = 10 }
    log_retention_days    = 8
    backup_retention_days = 0
  }

  expect_failures = [var.prometheus, var.log_retention_days, var.backup_retention_days]
}
