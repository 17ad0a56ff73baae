# More pods when there is more to do, and more nodes when pods find none.

resource "helm_release" "metrics_server" {
  name       = "metrics-server"
  repository = local.charts["metrics-server"].repository
  chart      = "metrics-server"
  version    = local.charts["metrics-server"].version
  namespace  = "kube-system"
  atomic     = true

  values = [yamlencode({
    replicas            = 2
    podDisruptionBudget = { enabled = true, minAvailable = 1 }
  })]
}

resource "helm_release" "cluster_autoscaler" {
  name       = "cluster-autoscaler"
  repository = local.charts["cluster-autoscaler"].repository
  chart      = "cluster-autoscaler"
  version    = local.charts["cluster-autoscaler"].version
  namespace  = "kube-system"
  atomic     = true

  values = [yamlencode({
    image         = { tag = local.cluster_autoscaler_tag }
    awsRegion     = var.region
    autoDiscovery = { clusterName = local.name }
    rbac          = { serviceAccount = { name = "cluster-autoscaler" } }

    extraArgs = {
      # There is a group of nodes in each zone: they shall grow alike.
      balance-similar-node-groups = true
      # Otherwise a node with a pod of kube-system on it stays for ever.
      skip-nodes-with-system-pods = false
      expander                    = "least-waste"
    }
  })]

  depends_on = [module.identity]

  lifecycle {
    precondition {
      condition     = startswith(local.cluster_autoscaler_tag, "v${data.aws_eks_cluster.this.version}.")
      error_message = "The cluster runs Kubernetes ${data.aws_eks_cluster.this.version}, but the autoscaler is ${local.cluster_autoscaler_tag}: change it in charts.tf."
    }
  }
}
