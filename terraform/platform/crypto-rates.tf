# What the release of Crypto Rates finds in the cluster, and the values that it is installed with. The
# release itself is the pipeline's, which has gates, approvals, smoke tests and a way back for it.

locals {
  host = "${var.host_name}.${var.hosted_zone}"

  # Where the load balancer is, whatever stands before it: DNS leads from host to here, or to CloudFront.
  origin = "${var.host_name}-origin.${var.hosted_zone}"

  # Only CloudFront reaches the load balancer.
  closed = var.cdn.enabled && var.cdn.protect_origin

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
      "alb.ingress.kubernetes.io/ssl-policy"      = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      "alb.ingress.kubernetes.io/certificate-arn" = aws_acm_certificate_validation.this.certificate_arn

      "alb.ingress.kubernetes.io/healthcheck-path"             = "/health/ready"
      "alb.ingress.kubernetes.io/healthcheck-interval-seconds" = "10"
      "alb.ingress.kubernetes.io/target-group-attributes"      = "deregistration_delay.timeout_seconds=30"
      "alb.ingress.kubernetes.io/load-balancer-attributes"     = "routing.http.drop_invalid_header_fields.enabled=true"

      # external-dns names the load balancer, not the page.
      "external-dns.alpha.kubernetes.io/hostname"                = local.origin
      "external-dns.alpha.kubernetes.io/ingress-hostname-source" = "annotation-only"
    },
    # A list of CloudFront's takes 55 of the 60 rules that a security group has: one port, no more.
    local.closed ? {
      "alb.ingress.kubernetes.io/listen-ports"                = jsonencode([{ HTTPS = 443 }])
      "alb.ingress.kubernetes.io/security-group-prefix-lists" = one(data.aws_ec2_managed_prefix_list.cloudfront[*].id)
      } : {
      "alb.ingress.kubernetes.io/listen-ports"  = jsonencode([{ HTTP = 80 }, { HTTPS = 443 }])
      "alb.ingress.kubernetes.io/ssl-redirect"  = "443"
      "alb.ingress.kubernetes.io/inbound-cidrs" = join(",", var.visitor_cidrs)
    },
    var.web_acl_arn == null ? {} : { "alb.ingress.kubernetes.io/wafv2-acl-arn" = var.web_acl_arn },
  )
}

resource "kubernetes_namespace_v1" "crypto_rates" {
  metadata {
    name = var.environment
    labels = {
      "pod-security.kubernetes.io/enforce" = "restricted"
      "pod-security.kubernetes.io/warn"    = "restricted"
      # A pod counts as ready when the load balancer knows it, so that updates wait for that.
      "elbv2.k8s.aws/pod-readiness-gate-inject" = "enabled"
    }
  }

  # When all is destroyed, the release goes with its namespace, which is not gone before the controller has
  # taken away the Ingress' load balancer: so both controllers have to stay until then.
  depends_on = [time_sleep.names_are_gone]

  timeouts {
    delete = "15m"
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

# All that the chart is told, but for the image, which is the pipeline's to say. What the chart's own
# values-*.yaml may have in its place is switched off by name, so that these values may be laid over them.
locals {
  helm_values = {
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
    valkey          = { enabled = false }
    persistence     = { enabled = false }
    coingeckoApiKey = { existingSecret = try(kubernetes_secret_v1.coingecko[0].metadata[0].name, "") }

    # A Secret that changes does not restart who reads it; the next deployment with these does.
    podAnnotations = {
      "crypto-rates/store-revision"     = tostring(var.valkey_password_version)
      "crypto-rates/coingecko-revision" = tostring(var.coingecko_api_key_version)
    }

    httpRoute = { enabled = false }
    ingress = {
      enabled     = true
      className   = "alb"
      hosts       = [local.host]
      tls         = []
      annotations = local.ingress_annotations
    }

    # What limits requests elsewhere is of kinds that this cluster does not have; here that is a web ACL.
    extraObjects = []

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
    prometheusRule = { enabled = true, runbookUrl = local.runbook_url, backupSchedule = "velero-nightly" }
    dashboards     = { enabled = true, cluster = true, folder = "Crypto Rates" }
  }
}
