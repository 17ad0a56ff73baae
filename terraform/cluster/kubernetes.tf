# Which versions of Kubernetes may be asked for, until when, and what is pinned for each. With another version
# or a newer pin it is these figures that change; an account tells them:
#   aws eks describe-cluster-versions --query 'clusterVersions[].[clusterVersion,endOfStandardSupportDate]'
#   aws eks describe-addon-versions --kubernetes-version 1.36 --addon-name coredns --query 'addons[].addonVersions[].addonVersion'
#   aws ssm get-parameter --name /aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/release_version
# They were read in November 2026 from the sources that are named here, without an account.

locals {
  # The last column but one of
  # https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#kubernetes-release-calendar:
  # from this day on, UTC, a version costs six times as much, or AWS upgrades it by itself.
  standard_support_until = {
    "1.33" = "2026-07-29"
    "1.34" = "2026-12-02"
    "1.35" = "2027-03-27"
    "1.36" = "2027-08-02"
  }

  kubernetes_pins = {
    "1.35" = {
      node_release = "1.35.6-20260714"
      addons = {
        aws-ebs-csi-driver     = "v1.63.1-eksbuild.1"
        coredns                = "v1.13.2-eksbuild.21"
        eks-pod-identity-agent = "v1.3.10-eksbuild.3"
        kube-proxy             = "v1.35.3-eksbuild.21"
        vpc-cni                = "v1.22.4-eksbuild.3"
      }
    }
    "1.36" = {
      # https://github.com/awslabs/amazon-eks-ami/releases: the same for both processors.
      node_release = "1.36.3-20260903"
      # What clusters of others were given for this version.
      addons = {
        aws-ebs-csi-driver     = "v1.63.1-eksbuild.1"
        coredns                = "v1.14.3-eksbuild.16"
        eks-pod-identity-agent = "v1.3.10-eksbuild.3"
        kube-proxy             = "v1.36.0-eksbuild.21"
        vpc-cni                = "v1.22.4-eksbuild.3"
      }
    }
  }

  kubernetes = local.kubernetes_pins[var.kubernetes_version]
}
