# What the platform root promises, with AWS, Helm and Kubernetes mocked: terraform test.
#
# Terraform can't mock ephemeral resources. The only one is random's, which needs no account.

mock_provider "aws" {
  mock_data "aws_eks_cluster" {
    defaults = {
      endpoint              = "https://eks.example.org"
      version               = "1.35"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-1" }]
    }
  }

  mock_data "aws_ecr_repository" {
    defaults = {
      repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/crypto-rates-staging/crypto-rates"
    }
  }

  mock_data "aws_elasticache_replication_group" {
    defaults = {
      primary_endpoint_address = "master.crypto-rates-staging.example.org"
      port                     = 6379
    }
  }

  mock_data "aws_kms_alias" {
    defaults = {
      target_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/staging"
    }
  }

  mock_data "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::crypto-rates-staging-backups-123456789012"
    }
  }

  mock_resource "aws_acm_certificate" {
    override_during = plan
    defaults = {
      arn = "arn:aws:acm:eu-central-1:123456789012:certificate/staging"
      domain_validation_options = [
        {
          domain_name           = "rates.example.org"
          resource_record_name  = "_ours.rates.example.org."
          resource_record_type  = "CNAME"
          resource_record_value = "_theirs.acm-validations.aws."
        }
      ]
    }
  }
}

mock_provider "helm" {}
mock_provider "kubernetes" {}
mock_provider "time" {}

override_data {
  target = data.aws_subnets.tier["public"]
  values = { ids = ["subnet-public-a", "subnet-public-b", "subnet-public-c"] }
}

override_data {
  target = data.aws_subnets.tier["intra"]
  values = { ids = ["subnet-intra-a", "subnet-intra-b", "subnet-intra-c"] }
}

override_data {
  target = data.aws_subnet.public
  values = { cidr_block = "10.41.48.0/24" }
}

override_data {
  target = data.aws_subnet.intra
  values = { cidr_block = "10.41.64.0/24" }
}

variables {
  region                = "eu-central-1"
  account_id            = "123456789012"
  environment           = "staging"
  hosted_zone           = "example.org"
  host_name             = "rates"
  image_tag             = "0.1.0"
  replicas              = { min = 2, max = 4 }
  prometheus            = { retention_days = 7, volume_gib = 20 }
  log_retention_days    = 14
  backup_retention_days = 7
  valkey_password       = "NotThePasswordOfAnything"
}

run "crypto_rates_runs_more_than_one_replica_of_one_build_from_the_registry" {
  command = plan

  assert {
    condition = yamldecode(helm_release.crypto_rates.values[0]).image == {
      repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/crypto-rates-staging/crypto-rates"
      tag        = "0.1.0"
    }
    error_message = "The image is not the build from this environment's registry."
  }

  assert {
    condition = alltrue([
      yamldecode(helm_release.crypto_rates.values[0]).replicaCount >= 2,
      yamldecode(helm_release.crypto_rates.values[0]).autoscaling == { enabled = true, minReplicas = 2, maxReplicas = 4 },
    ])
    error_message = "There may be fewer than two replicas."
  }
}

run "the_store_is_reached_by_tls_with_the_password_from_a_secret" {
  command = plan

  assert {
    condition     = local.store_url == "rediss://default:NotThePasswordOfAnything@master.crypto-rates-staging.example.org:6379/0"
    error_message = "STORE_URL is not ElastiCache's address by TLS, with the user default and the password."
  }

  assert {
    condition = alltrue([
      yamldecode(helm_release.crypto_rates.values[0]).store == { existingSecret = "crypto-rates-store" },
      kubernetes_secret_v1.store.metadata[0].name == "crypto-rates-store",
      kubernetes_secret_v1.store.metadata[0].namespace == helm_release.crypto_rates.namespace,
    ])
    error_message = "The chart is not told of the Secret with STORE_URL."
  }

  assert {
    condition     = kubernetes_secret_v1.store.data_wo == null && !strcontains(helm_release.crypto_rates.values[0], "NotThePassword")
    error_message = "The password stands in the plan."
  }
}

run "a_new_password_restarts_the_pods" {
  command = plan

  variables {
    valkey_password_version = 2
  }

  assert {
    condition = alltrue([
      kubernetes_secret_v1.store.data_wo_revision == 2,
      yamldecode(helm_release.crypto_rates.values[0]).podAnnotations["crypto-rates/store-revision"] == "2",
    ])
    error_message = "A new password does not reach the pods."
  }
}

run "without_a_key_for_coingecko_there_is_no_secret_for_it" {
  command = plan

  assert {
    condition     = length(kubernetes_secret_v1.coingecko) == 0 && yamldecode(helm_release.crypto_rates.values[0]).coingeckoApiKey.existingSecret == ""
    error_message = "The chart waits for a Secret that is not made."
  }
}

run "the_key_for_coingecko_comes_by_a_secret" {
  command = plan

  variables {
    coingecko_api_key         = "NotAKeyOfAnybody"
    coingecko_api_key_version = 1
    coingecko_api_plan        = "pro"
  }

  assert {
    condition = alltrue([
      kubernetes_secret_v1.coingecko[0].data_wo == null,
      kubernetes_secret_v1.coingecko[0].data_wo_revision == 1,
      yamldecode(helm_release.crypto_rates.values[0]).coingeckoApiKey.existingSecret == "crypto-rates-coingecko",
      yamldecode(helm_release.crypto_rates.values[0]).config.coingeckoApiPlan == "pro",
      !strcontains(helm_release.crypto_rates.values[0], "NotAKey"),
    ])
    error_message = "The key does not come by the Secret, or stands in the plan."
  }
}

run "visitors_come_by_tls_only" {
  command = plan

  variables {
    visitor_cidrs = ["203.0.113.0/24", "198.51.100.0/24"]
    web_acl_arn   = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/rates/1"
  }

  assert {
    condition = alltrue([
      for annotation, value in {
        certificate-arn = "arn:aws:acm:eu-central-1:123456789012:certificate/staging"
        ssl-redirect    = "443"
        ssl-policy      = "ELBSecurityPolicy-TLS13-1-2-2021-06"
        inbound-cidrs   = "203.0.113.0/24,198.51.100.0/24"
        target-type     = "ip"
        wafv2-acl-arn   = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/rates/1"
      } : yamldecode(helm_release.crypto_rates.values[0]).ingress.annotations["alb.ingress.kubernetes.io/${annotation}"] == value
    ])
    error_message = "The load balancer is not told what it must be."
  }

  assert {
    condition = alltrue([
      aws_acm_certificate.this.domain_name == "rates.example.org",
      yamldecode(helm_release.crypto_rates.values[0]).ingress.hosts == ["rates.example.org"],
      output.url == "https://rates.example.org",
    ])
    error_message = "Certificate and Ingress are not for the same name."
  }
}

run "pods_hear_from_the_load_balancer_and_talk_to_the_store" {
  command = plan

  assert {
    condition = alltrue([
      yamldecode(helm_release.crypto_rates.values[0]).networkPolicy.enabled,
      distinct(yamldecode(helm_release.crypto_rates.values[0]).networkPolicy.ingressController[*].ipBlock.cidr) == tolist(["10.41.48.0/24"]),
      distinct(yamldecode(helm_release.crypto_rates.values[0]).networkPolicy.store.to[*].ipBlock.cidr) == tolist(["10.41.64.0/24"]),
      kubernetes_namespace_v1.crypto_rates.metadata[0].labels["pod-security.kubernetes.io/enforce"] == "restricted",
    ])
    error_message = "The NetworkPolicy is not for the subnets of load balancer and store, or the namespace takes any pod."
  }
}

run "prometheus_finds_the_service_monitor_and_grafana_the_dashboards" {
  command = plan

  assert {
    condition = alltrue([
      yamldecode(helm_release.crypto_rates.values[0]).serviceMonitor.enabled,
      yamldecode(helm_release.crypto_rates.values[0]).prometheusRule.enabled,
      yamldecode(helm_release.crypto_rates.values[0]).dashboards.enabled,
      !yamldecode(helm_release.kube_prometheus_stack.values[0]).prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues,
      !yamldecode(helm_release.kube_prometheus_stack.values[0]).prometheus.prometheusSpec.ruleSelectorNilUsesHelmValues,
    ])
    error_message = "Prometheus does not look at Crypto Rates."
  }

  assert {
    condition     = yamldecode(helm_release.kube_prometheus_stack.values[0]).grafana.admin.existingSecret == "grafana-admin" && kubernetes_secret_v1.grafana.data_wo == null
    error_message = "Grafana has the chart's own password, or ours stands in the plan."
  }
}

run "volumes_are_encrypted_with_our_key" {
  command = plan

  assert {
    condition = alltrue([
      kubernetes_storage_class_v1.gp3.parameters.encrypted == "true",
      kubernetes_storage_class_v1.gp3.parameters.kmsKeyId == "arn:aws:kms:eu-central-1:123456789012:key/staging",
      yamldecode(helm_release.kube_prometheus_stack.values[0]).prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec.storageClassName == "gp3",
      aws_cloudwatch_log_group.pods.kms_key_id == "arn:aws:kms:eu-central-1:123456789012:key/staging",
    ])
    error_message = "A volume or the log is not encrypted with the environment's key."
  }
}

run "a_vpc_without_the_expected_subnets_is_refused" {
  command = plan

  override_data {
    target = data.aws_subnets.tier["intra"]
    values = { ids = [] }
  }

  expect_failures = [data.aws_subnets.tier]
}

run "an_autoscaler_for_another_kubernetes_is_refused" {
  command = plan

  override_data {
    target = data.aws_eks_cluster.this
    values = {
      endpoint              = "https://eks.example.org"
      version               = "1.36"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-1" }]
    }
  }

  expect_failures = [helm_release.cluster_autoscaler]
}
