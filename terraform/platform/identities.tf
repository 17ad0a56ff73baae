# What the controllers may do in AWS, by Pod Identity: a role each, for one service account. cert-manager
# and the metrics server need nothing of AWS, Crypto Rates neither.

locals {
  identities = {
    aws-load-balancer-controller = { namespace = "kube-system" }
    cluster-autoscaler           = { namespace = "kube-system" }
    external-dns                 = { namespace = "kube-system" }
    fluent-bit                   = { namespace = "logging" }
    velero                       = { namespace = "velero" }
  }
}

module "identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "2.8.1"

  for_each = local.identities

  name               = "${local.name}-${each.key}"
  use_name_prefix    = false
  policy_name_prefix = "${local.name}-"

  associations = {
    this = {
      cluster_name    = data.aws_eks_cluster.this.name
      namespace       = each.value.namespace
      service_account = each.key
    }
  }

  attach_aws_lb_controller_policy = each.key == "aws-load-balancer-controller"

  attach_cluster_autoscaler_policy = each.key == "cluster-autoscaler"
  cluster_autoscaler_cluster_names = [local.name]

  # Records of the one zone.
  attach_external_dns_policy    = each.key == "external-dns"
  external_dns_hosted_zone_arns = [data.aws_route53_zone.this.arn]

  attach_velero_policy       = each.key == "velero"
  velero_s3_bucket_arns      = [data.aws_s3_bucket.backups.arn]
  velero_s3_bucket_path_arns = ["${data.aws_s3_bucket.backups.arn}/*"]
  velero_kms_arns            = [data.aws_kms_alias.this.target_key_arn]

  # Lines into the one log group.
  attach_custom_policy = each.key == "fluent-bit"
  policy_statements = each.key != "fluent-bit" ? null : [
    {
      sid       = "Write"
      actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      resources = ["${aws_cloudwatch_log_group.pods.arn}:*"]
    }
  ]
}
