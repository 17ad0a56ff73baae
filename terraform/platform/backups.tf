# Velero keeps the cluster's objects and volumes, each night. The rates' history is in ElastiCache, which
# has snapshots of its own.

resource "helm_release" "velero" {
  name             = "velero"
  repository       = local.charts["velero"].repository
  chart            = "velero"
  version          = local.charts["velero"].version
  namespace        = "velero"
  create_namespace = true
  atomic           = true

  values = [yamlencode({
    serviceAccount = { server = { name = "velero" } }
    credentials    = { useSecret = false }

    initContainers = [
      {
        name         = "velero-plugin-for-aws"
        image        = local.velero_plugin_image
        volumeMounts = [{ name = "plugins", mountPath = "/target" }]
      }
    ]

    configuration = {
      backupStorageLocation = [
        {
          name     = "default"
          default  = true
          provider = "aws"
          bucket   = data.aws_s3_bucket.backups.bucket
          config   = { region = var.region }
        }
      ]
      volumeSnapshotLocation = [
        {
          name     = "default"
          provider = "aws"
          config   = { region = var.region }
        }
      ]
    }

    metrics = { serviceMonitor = { enabled = true } }

    schedules = {
      nightly = {
        schedule = "17 2 * * *"
        template = { ttl = "${var.backup_retention_days * 24}h0m0s" }
      }
    }
  })]

  depends_on = [module.identity]
}
