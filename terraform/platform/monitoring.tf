# Prometheus, Alertmanager and Grafana. They find Crypto Rates' ServiceMonitor, rules and dashboards in its
# own namespace.

resource "kubernetes_namespace_v1" "monitoring" {
  metadata {
    name = "monitoring"
  }
}

# A new one in each run, of which nothing is kept but the first; it is in no state.
ephemeral "random_password" "grafana" {
  length  = 32
  special = false
}

resource "kubernetes_secret_v1" "grafana" {
  metadata {
    name      = "grafana-admin"
    namespace = kubernetes_namespace_v1.monitoring.metadata[0].name
  }

  data_wo = {
    admin-user     = "admin"
    admin-password = ephemeral.random_password.grafana.result
  }
  data_wo_revision = 1
}

resource "helm_release" "kube_prometheus_stack" {
  name       = "kube-prometheus-stack"
  repository = local.charts["kube-prometheus-stack"].repository
  chart      = "kube-prometheus-stack"
  version    = local.charts["kube-prometheus-stack"].version
  namespace  = kubernetes_namespace_v1.monitoring.metadata[0].name
  atomic     = true
  timeout    = 900

  values = [yamlencode({
    # EKS runs these, and lets nobody scrape them.
    kubeEtcd              = { enabled = false }
    kubeControllerManager = { enabled = false }
    kubeScheduler         = { enabled = false }

    prometheus = {
      prometheusSpec = {
        retention = "${var.prometheus.retention_days}d"
        # Prometheus needs room beside its blocks.
        retentionSize = "${floor(var.prometheus.volume_gib * 0.8)}GiB"

        # By default it takes those of its own release only.
        serviceMonitorSelectorNilUsesHelmValues = false
        podMonitorSelectorNilUsesHelmValues     = false
        ruleSelectorNilUsesHelmValues           = false

        # An EBS volume that nobody deletes is paid for ever.
        persistentVolumeClaimRetentionPolicy = { whenDeleted = "Delete", whenScaled = "Retain" }
        storageSpec = {
          volumeClaimTemplate = {
            spec = {
              storageClassName = kubernetes_storage_class_v1.gp3.metadata[0].name
              accessModes      = ["ReadWriteOnce"]
              resources        = { requests = { storage = "${var.prometheus.volume_gib}Gi" } }
            }
          }
        }
      }
    }

    alertmanager = local.alertmanager

    grafana = {
      admin = { existingSecret = kubernetes_secret_v1.grafana.metadata[0].name }

      # The chart's dashboards name their folder by this annotation.
      sidecar = {
        dashboards = {
          searchNamespace  = "ALL"
          folderAnnotation = "grafana_folder"
          provider         = { foldersFromFilesStructure = true }
        }
      }
    }
  })]
}
