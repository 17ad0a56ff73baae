# What the platform root promises, with AWS, Helm and Kubernetes mocked: terraform test.
#
# Terraform can't mock ephemeral resources. The only one is random's, which needs no account.

mock_provider "aws" {
  mock_data "aws_eks_cluster" {
    defaults = {
      endpoint              = "https://eks.example.org"
      version               = "1.36"
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

  mock_resource "aws_cloudfront_distribution" {
    override_during = plan
    defaults        = { domain_name = "d1.cloudfront.net" }
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
  replicas              = { min = 2, max = 4 }
  prometheus            = { retention_days = 7, volume_gib = 20 }
  log_retention_days    = 14
  backup_retention_days = 7
  valkey_password       = "NotThePasswordOfAnything"
}

run "the_pipeline_is_told_all_but_the_image" {
  command = plan

  assert {
    condition = alltrue([
      output.cluster_name == "crypto-rates-staging",
      output.region == "eu-central-1",
      output.namespace == "staging",
      yamldecode(output.helm_values).replicaCount == 2,
      yamldecode(output.helm_values).autoscaling == { enabled = true, minReplicas = 2, maxReplicas = 4 },
      !contains(keys(local.helm_values), "image"),
    ])
    error_message = "The outputs are not those of this environment, or name an image."
  }
}

run "without_somebody_who_may_there_is_no_role_to_deploy_with" {
  command = plan

  assert {
    condition     = output.deployer_role_arn == null && length(aws_eks_access_entry.deployer) == 0
    error_message = "There is a role that nobody was named for."
  }
}

run "one_repository_s_jobs_for_one_environment_deploy_into_one_namespace" {
  command = plan

  variables {
    github_repository       = "example@1/crypto-rates@2"
    deployer_principal_arns = ["arn:aws:iam::123456789012:role/jenkins-agent"]
  }

  assert {
    condition = jsondecode(aws_iam_role.deployer[0].assume_role_policy).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:example@1/crypto-rates@2:environment:staging"
      }
    }
    error_message = "Others than the repository's jobs for this environment may deploy."
  }

  assert {
    condition     = jsondecode(aws_iam_role.deployer[0].assume_role_policy).Statement[1].Principal == { AWS = ["arn:aws:iam::123456789012:role/jenkins-agent"] }
    error_message = "Jenkins' role is not the only other one that may deploy."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.deployer[0].policy).Statement :
      statement.Resource != "*" || statement.Action == "ecr:GetAuthorizationToken"
    ])
    error_message = "The deployer may do something to all of AWS."
  }

  assert {
    condition = alltrue([
      aws_eks_access_policy_association.deployer[0].access_scope[0].type == "namespace",
      aws_eks_access_policy_association.deployer[0].access_scope[0].namespaces == toset(["staging"]),
      endswith(aws_eks_access_policy_association.deployer[0].policy_arn, "/AmazonEKSEditPolicy"),
      kubernetes_role_v1.deployer.metadata[0].namespace == "staging",
      kubernetes_role_binding_v1.deployer.subject[0].name == one(aws_eks_access_entry.deployer[0].kubernetes_groups),
    ])
    error_message = "The deployer may do more than edit the one namespace, or can't make what Prometheus reads."
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
      local.helm_values.store == { existingSecret = "crypto-rates-store" },
      kubernetes_secret_v1.store.metadata[0].name == "crypto-rates-store",
      kubernetes_secret_v1.store.metadata[0].namespace == output.namespace,
    ])
    error_message = "The chart is not told of the Secret with STORE_URL."
  }

  assert {
    condition     = kubernetes_secret_v1.store.data_wo == null && !strcontains(output.helm_values, "NotThePassword")
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
      local.helm_values.podAnnotations["crypto-rates/store-revision"] == "2",
    ])
    error_message = "A new password does not reach the pods."
  }
}

run "without_a_key_for_coingecko_there_is_no_secret_for_it" {
  command = plan

  assert {
    condition     = length(kubernetes_secret_v1.coingecko) == 0 && local.helm_values.coingeckoApiKey.existingSecret == ""
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
      local.helm_values.coingeckoApiKey.existingSecret == "crypto-rates-coingecko",
      local.helm_values.config.coingeckoApiPlan == "pro",
      !strcontains(output.helm_values, "NotAKey"),
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
      } : local.helm_values.ingress.annotations["alb.ingress.kubernetes.io/${annotation}"] == value
    ])
    error_message = "The load balancer is not told what it must be."
  }

  assert {
    condition = alltrue([
      aws_acm_certificate.this.domain_name == "rates.example.org",
      local.helm_values.ingress.hosts == ["rates.example.org"],
      output.url == "https://rates.example.org",
      local.helm_values.ingress.annotations["external-dns.alpha.kubernetes.io/hostname"] == "rates-origin.example.org",
      aws_route53_record.page.name == "rates.example.org",
      aws_route53_record.page.records == toset(["rates-origin.example.org"]),
      length(aws_cloudfront_distribution.this) == 0,
    ])
    error_message = "Certificate, Ingress and DNS are not for the same name, or it leads elsewhere than to the load balancer."
  }
}

run "a_cdn_keeps_what_the_service_says_and_is_the_only_way_in" {
  command = plan

  variables {
    cdn = { enabled = true }
  }

  assert {
    condition = alltrue([
      aws_cloudfront_cache_policy.origin[0].min_ttl == 0,
      aws_cloudfront_cache_policy.origin[0].default_ttl == 0,
      aws_cloudfront_cache_policy.origin[0].parameters_in_cache_key_and_forwarded_to_origin[0].enable_accept_encoding_brotli,
      aws_cloudfront_cache_policy.origin[0].parameters_in_cache_key_and_forwarded_to_origin[0].enable_accept_encoding_gzip,
      aws_cloudfront_cache_policy.origin[0].parameters_in_cache_key_and_forwarded_to_origin[0].query_strings_config[0].query_string_behavior == "all",
      aws_cloudfront_cache_policy.origin[0].parameters_in_cache_key_and_forwarded_to_origin[0].cookies_config[0].cookie_behavior == "none",
      aws_cloudfront_cache_policy.origin[0].parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].header_behavior == "none",
      aws_cloudfront_distribution.this[0].default_cache_behavior[0].compress,
      alltrue([for error in aws_cloudfront_distribution.this[0].custom_error_response : error.error_caching_min_ttl == 0]),
    ])
    error_message = "CloudFront keeps something longer than the service says, or mixes up pages."
  }

  assert {
    condition = (
      { for behavior in aws_cloudfront_distribution.this[0].ordered_cache_behavior : behavior.path_pattern => behavior.cache_policy_id }
      == { for path in ["/api/stream*", "/fn/*", "/health*"] : path => data.aws_cloudfront_cache_policy.nothing[0].id }
    )
    error_message = "Stream, calls or health are kept."
  }

  assert {
    condition = alltrue([
      aws_cloudfront_distribution.this[0].viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021",
      aws_acm_certificate.cdn[0].region == "us-east-1",
      aws_cloudfront_distribution.this[0].aliases == toset(["rates.example.org"]),
      one(aws_cloudfront_distribution.this[0].origin).domain_name == "rates-origin.example.org",
      one(aws_cloudfront_distribution.this[0].origin).custom_origin_config[0].origin_protocol_policy == "https-only",
      contains(one(aws_cloudfront_origin_request_policy.host[0].headers_config[0].headers).items, "Host"),
      aws_route53_record.page.records == toset(["d1.cloudfront.net"]),
    ])
    error_message = "The way through CloudFront is not by TLS, or the page's name does not lead there."
  }

  assert {
    condition = alltrue([
      local.helm_values.ingress.annotations["alb.ingress.kubernetes.io/security-group-prefix-lists"] == data.aws_ec2_managed_prefix_list.cloudfront[0].id,
      local.helm_values.ingress.annotations["alb.ingress.kubernetes.io/listen-ports"] == "[{\"HTTPS\":443}]",
      !contains(keys(local.helm_values.ingress.annotations), "alb.ingress.kubernetes.io/inbound-cidrs"),
    ])
    error_message = "Others than CloudFront reach the load balancer."
  }
}

run "before_a_cdn_goes_the_load_balancer_is_opened" {
  command = plan

  variables {
    cdn = { enabled = true, protect_origin = false }
  }

  assert {
    condition     = local.helm_values.ingress.annotations["alb.ingress.kubernetes.io/inbound-cidrs"] == "0.0.0.0/0"
    error_message = "Only CloudFront reaches the load balancer."
  }
}

run "pods_hear_from_the_load_balancer_and_talk_to_the_store" {
  command = plan

  assert {
    condition = alltrue([
      local.helm_values.networkPolicy.enabled,
      kubernetes_namespace_v1.crypto_rates.metadata[0].labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled",
      distinct(local.helm_values.networkPolicy.ingressController[*].ipBlock.cidr) == tolist(["10.41.48.0/24"]),
      distinct(local.helm_values.networkPolicy.store.to[*].ipBlock.cidr) == tolist(["10.41.64.0/24"]),
      kubernetes_namespace_v1.crypto_rates.metadata[0].labels["pod-security.kubernetes.io/enforce"] == "restricted",
    ])
    error_message = "The NetworkPolicy is not for the subnets of load balancer and store, or the namespace takes any pod."
  }
}

run "prometheus_finds_the_service_monitor_and_grafana_the_dashboards" {
  command = plan

  assert {
    condition = alltrue([
      local.helm_values.serviceMonitor.enabled,
      local.helm_values.prometheusRule.enabled,
      local.helm_values.dashboards.enabled,
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

run "alerts_and_dashboards_lead_somewhere" {
  command = plan

  variables {
    runbook_url = "https://docs.example.org/operations.md"
  }

  assert {
    condition = alltrue([
      local.helm_values.prometheusRule.runbookUrl == "https://docs.example.org/operations.md",
      local.helm_values.dashboards.folder == "Crypto Rates",
      yamldecode(helm_release.kube_prometheus_stack.values[0]).grafana.sidecar.dashboards.folderAnnotation == "grafana_folder",
      yamldecode(helm_release.kube_prometheus_stack.values[0]).grafana.sidecar.dashboards.provider.foldersFromFilesStructure,
      yamldecode(helm_release.kube_prometheus_stack.values[0]).alertmanager == {},
    ])
    error_message = "Alerts name no runbook, or Grafana does not sort dashboards into their folder."
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
      version               = "1.37"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-1" }]
    }
  }

  expect_failures = [helm_release.cluster_autoscaler]
}
