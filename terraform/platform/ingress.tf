# The way in: load balancers for Ingresses, their names in DNS, and certificates. The controller knows the
# Gateway API, too; README.md says why it is not used here.

resource "helm_release" "cert_manager" {
  name             = "cert-manager"
  repository       = local.charts["cert-manager"].repository
  chart            = "cert-manager"
  version          = local.charts["cert-manager"].version
  namespace        = "cert-manager"
  create_namespace = true
  atomic           = true

  # For certificates inside the cluster, of which the load balancer controller's webhook is the first. A
  # load balancer takes those of ACM only.
  values = [yamlencode({
    crds = { enabled = true }
  })]
}

resource "helm_release" "aws_load_balancer_controller" {
  name       = "aws-load-balancer-controller"
  repository = local.charts["aws-load-balancer-controller"].repository
  chart      = "aws-load-balancer-controller"
  version    = local.charts["aws-load-balancer-controller"].version
  namespace  = "kube-system"
  atomic     = true

  values = [yamlencode({
    clusterName    = local.name
    serviceAccount = { name = "aws-load-balancer-controller" }

    # Pods can't ask the node's metadata service for these.
    region = var.region
    vpcId  = data.aws_eks_cluster.this.vpc_config[0].vpc_id

    # The chart's own certificate would be another at every upgrade.
    enableCertManager = true

    # It would stand in the way of every Service while the controller is away. Ours have Ingresses.
    enableServiceMutatorWebhook = false
  })]

  depends_on = [helm_release.cert_manager, module.identity]
}

resource "helm_release" "external_dns" {
  name       = "external-dns"
  repository = local.charts["external-dns"].repository
  chart      = "external-dns"
  version    = local.charts["external-dns"].version
  namespace  = "kube-system"
  atomic     = true

  values = [yamlencode({
    serviceAccount = { name = "external-dns" }
    provider       = { name = "aws" }
    env            = [{ name = "AWS_DEFAULT_REGION", value = var.region }]
    sources        = ["ingress"]
    domainFilters  = [var.hosted_zone]
    txtOwnerId     = local.name

    # Takes away what it has made, and no more: the TXT records tell.
    policy             = "sync"
    triggerLoopOnEvent = true
  })]

  depends_on = [module.identity]
}

# When all is destroyed, the Ingress goes with the release's namespace, and its load balancer with it. Then
# external-dns, which alone can, needs a while to take the name away.
resource "time_sleep" "names_are_gone" {
  destroy_duration = "90s"

  depends_on = [helm_release.aws_load_balancer_controller, helm_release.external_dns]
}

# The page's name is Terraform's own, so that a CDN comes and goes by one change of it.
resource "aws_route53_record" "page" {
  zone_id = data.aws_route53_zone.this.zone_id
  name    = local.host
  type    = "CNAME"
  ttl     = 60
  records = [var.cdn.enabled ? aws_cloudfront_distribution.this[0].domain_name : local.origin]
}

resource "aws_acm_certificate" "this" {
  domain_name       = local.host
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "certificate" {
  zone_id         = data.aws_route53_zone.this.zone_id
  name            = one(aws_acm_certificate.this.domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.this.domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.this.domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [aws_route53_record.certificate.fqdn]
}
