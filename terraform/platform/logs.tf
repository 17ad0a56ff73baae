# What the pods write goes to CloudWatch.

resource "aws_cloudwatch_log_group" "pods" {
  name              = "/${local.name}/pods"
  kms_key_id        = data.aws_kms_alias.this.target_key_arn
  retention_in_days = var.log_retention_days
}

resource "helm_release" "fluent_bit" {
  name             = "fluent-bit"
  repository       = local.charts["fluent-bit"].repository
  chart            = "fluent-bit"
  version          = local.charts["fluent-bit"].version
  namespace        = "logging"
  create_namespace = true
  atomic           = true

  values = [yamlencode({
    serviceAccount = { name = "fluent-bit" }
    testFramework  = { enabled = false }

    resources = {
      requests = { cpu = "25m", memory = "64Mi" }
      limits   = { memory = "128Mi" }
    }

    # Nodes with taints have logs, too.
    tolerations = [{ operator = "Exists" }]

    config = {
      inputs = <<-EOT
        [INPUT]
            Name tail
            Path /var/log/containers/*.log
            multiline.parser docker, cri
            Tag kube.*
            Mem_Buf_Limit 16MB
            Skip_Long_Lines On
      EOT

      outputs = <<-EOT
        [OUTPUT]
            Name cloudwatch_logs
            Match kube.*
            region ${var.region}
            log_group_name ${aws_cloudwatch_log_group.pods.name}
            log_stream_prefix fallback.
            log_stream_template $kubernetes['namespace_name'].$kubernetes['pod_name'].$kubernetes['container_name']
            auto_create_group Off
            Retry_Limit 5
      EOT
    }
  })]

  depends_on = [module.identity]
}
