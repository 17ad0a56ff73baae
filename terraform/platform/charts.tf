# The charts, each at one version.

locals {
  charts = {
    aws-load-balancer-controller = {
      repository = "https://aws.github.io/eks-charts"
      version    = "3.5.0"
    }
    cert-manager = {
      repository = "https://charts.jetstack.io"
      version    = "v1.21.1"
    }
    cluster-autoscaler = {
      repository = "https://kubernetes.github.io/autoscaler"
      version    = "9.59.0"
    }
    external-dns = {
      repository = "https://kubernetes-sigs.github.io/external-dns"
      version    = "1.21.1"
    }
    fluent-bit = {
      repository = "https://fluent.github.io/helm-charts"
      version    = "0.58.1"
    }
    kube-prometheus-stack = {
      repository = "https://prometheus-community.github.io/helm-charts"
      version    = "88.5.3"
    }
    metrics-server = {
      repository = "https://kubernetes-sigs.github.io/metrics-server"
      version    = "3.13.1"
    }
    velero = {
      repository = "https://vmware-tanzu.github.io/helm-charts"
      version    = "12.1.0"
    }
  }

  # Must be of the cluster's minor version, which is checked before it is installed.
  cluster_autoscaler_tag = "v1.36.1"

  # Must be the one made for the chart's Velero: 1.14 for 1.18.
  velero_plugin_image = "velero/velero-plugin-for-aws:v1.14.2"
}
