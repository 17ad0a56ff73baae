# Crypto Rates, by the project's own chart.

locals {
  host = "${var.host_name}.${var.hosted_zone}"

  # Ephemeral, as the password in it is: it goes into the Secret and nowhere else.
  store_url = format(
    "rediss://default:%s@%s:%d/0",
    var.valkey_password,
    data.aws_elasticache_replication_group.valkey.primary_endpoint_address,
    data.aws_elasticache_replication_group.valkey.port,
  )

  ingress_annotations = merge(
    {
      "alb.ingress.kubernetes.io/scheme"          = "internet-facing"
      "alb.ingress.kubernetes.io/target-type"     = "ip"
      "alb.ingress.kubernetes.io/inbound-cidrs"   = join(",", var.visitor_cidrs)
      "alb.ingress.kubernetes.io/listen-ports"    = jsonencode([{ HTTP = 80 }, { HTTPS = 443 }])
      "alb.ingress.kubernetes.io/ssl-redirect"    = "443"
      "alb.ingress.kubernetes.io/ssl-policy"      = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      "alb.ingress.kubernetes.io/certificate-arn" = aws_acm_certificate_validation.this.certificate_arn

      "alb.ingress.kubernetes.io/healthcheck-path"             = "/health/ready"
      "alb.ingress.kubernetes.io/healthcheck-interval-seconds" = "10"
      "alb.ingress.kubernetes.io/target-group-attributes"      = "deregistration_delay.timeout_seconds=30"
      "alb.ingress.kubernetes.io/load-balancer-attributes"     = "routing.http.drop_invalid_header_fields.enabled=true"
    },
    var.web_acl_arn == null ? {} : { "alb.ingress.kubernetes.io/wafv2-acl-arn" = var.web_acl_arn },
  )
}

resource "kubernetes_namespace_v1" "crypto_rates" {
  metadata {
    name = "crypto-rates"
    labels = {
      "pod-security.kubernetes.io/enforce" = "restricted"
      # A pod counts as ready when the load balancer knows it, so that updates wait for that.
      "elbv2.k8s.aws/pod-readiness-gate-inject" = "enabled"
    }
  }
}

resource "kubernetes_secret_v1" "store" {
  metadata {
    name      = "crypto-rates-store"
    namespace = kubernetes_namespace_v1.crypto_rates.metadata[0].name
  }

  data_wo          = { STORE_URL = local.store_url }
  data_wo_revision = var.valkey_password_version
}

resource "kubernetes_secret_v1" "coingecko" {
  count = var.coingecko_api_key_version > 0 ? 1 : 0

  metadata {
    name      = "crypto-rates-coingecko"
    namespace = kubernetes_namespace_v1.crypto_rates.metadata[0].name
  }

  data_wo          = { COINGECKO_API_KEY = var.coingecko_api_key }
  data_wo_revision = var.coingecko_api_key_version
}

resource "helm_release" "crypto_rates" {
  name      = "crypto-rates"
  chart     = "${path.module}/../../charts/crypto-rates"
  namespace = kubernetes_namespace_v1.crypto_rates.metadata[0].name
  atomic    = true

  values = [yamlencode({
    image = {
      repository = data.aws_ecr_repository.image.repository_url
      tag        = var.image_tag
    }

    replicaCount = var.replicas.min
    autoscaling = {
      enabled     = var.replicas.max > var.replicas.min
      minReplicas = var.replicas.min
      maxReplicas = var.replicas.max
    }

    config = {
      ratesSources     = var.rates_sources
      coingeckoApiPlan = var.coingecko_api_plan
    }
    store           = { existingSecret = kubernetes_secret_v1.store.metadata[0].name }
    coingeckoApiKey = { existingSecret = try(kubernetes_secret_v1.coingecko[0].metadata[0].name, "") }

    # A Secret that changes does not restart who reads it.
    podAnnotations = {
      "crypto-rates/store-revision"     = tostring(var.valkey_password_version)
      "crypto-rates/coingecko-revision" = tostring(var.coingecko_api_key_version)
    }

    ingress = {
      enabled     = true
      className   = "alb"
      hosts       = [local.host]
      annotations = local.ingress_annotations
    }

    # The load balancer goes on sending for a while after a pod has said that it stops.
    preStopSleepSeconds           = 20
    terminationGracePeriodSeconds = 40

    networkPolicy = {
      enabled           = true
      ingressController = [for subnet in data.aws_subnet.public : { ipBlock = { cidr = subnet.cidr_block } }]
      store = {
        to   = [for subnet in data.aws_subnet.intra : { ipBlock = { cidr = subnet.cidr_block } }]
        port = data.aws_elasticache_replication_group.valkey.port
      }
    }

    serviceMonitor = { enabled = true }
    prometheusRule = { enabled = true }
    dashboards     = { enabled = true }
  })]

  depends_on = [
    helm_release.cluster_autoscaler,
    helm_release.fluent_bit,
    helm_release.kube_prometheus_stack,
    helm_release.metrics_server,
    time_sleep.ingress_is_gone,
  ]
}
