# The cluster: nodes in private subnets of three zones, Secrets encrypted with our key, its API closed to
# the Internet unless networks are named.

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "21.19.0"

  name               = local.name
  kubernetes_version = var.kubernetes_version

  # Extended support costs six times as much: better a version that AWS upgrades when its time is over.
  upgrade_policy      = { support_type = "STANDARD" }
  deletion_protection = var.deletion_protection

  vpc_id                   = module.vpc.vpc_id
  subnet_ids               = module.vpc.private_subnets
  control_plane_subnet_ids = module.vpc.intra_subnets

  endpoint_private_access      = true
  endpoint_public_access       = length(var.api_public_cidrs) > 0
  endpoint_public_access_cidrs = length(var.api_public_cidrs) > 0 ? var.api_public_cidrs : null

  security_group_additional_rules = {
    for cidr in var.api_private_cidrs : "api-from-${cidr}" => {
      description = "The API for ${cidr}"
      from_port   = 443
      to_port     = 443
      cidr_blocks = [cidr]
    }
  }

  # Who may do what is told by access entries alone, not by a ConfigMap in the cluster.
  authentication_mode                      = "API"
  enable_cluster_creator_admin_permissions = length(var.admin_role_arns) == 0
  access_entries = {
    for arn in var.admin_role_arns : arn => {
      principal_arn = arn
      policy_associations = {
        admin = {
          policy_arn   = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
          access_scope = { type = "cluster" }
        }
      }
    }
  }

  # Pods get their rights by Pod Identity.
  enable_irsa = false

  create_kms_key = false
  encryption_config = {
    provider_key_arn = module.kms.key_arn
    resources        = ["secrets"]
  }

  enabled_log_types                      = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  cloudwatch_log_group_kms_key_id        = module.kms.key_arn
  cloudwatch_log_group_retention_in_days = var.log_retention_days

  # An apply that is about something else leaves add-ons and nodes as they are.
  addons = {
    for name, addon in local.addons : name => merge(addon, { addon_version = local.kubernetes.addons[name] })
  }

  # A group for each zone, because a volume can't leave its zone: the autoscaler must be able to add a
  # node in the zone where one is needed.
  eks_managed_node_groups = {
    for index, zone in local.zones : zone => {
      name       = "${var.environment}-${zone}"
      subnet_ids = [module.vpc.private_subnets[index]]

      # The module's own prefix would be longer than the 38 characters that AWS takes.
      iam_role_name            = "${local.name}-${zone}"
      iam_role_use_name_prefix = false

      ami_type = var.nodes.ami_type
      # Otherwise the module takes the newest at each apply, and rolls the nodes.
      use_latest_ami_release_version = false
      ami_release_version            = local.kubernetes.node_release

      instance_types = var.nodes.instance_types
      capacity_type  = var.nodes.capacity_type

      min_size     = var.nodes.min_per_zone
      desired_size = var.nodes.min_per_zone
      max_size     = var.nodes.max_per_zone

      # One hop and a session: pods can't take the node's own rights.
      metadata_options = {
        http_tokens                 = "required"
        http_put_response_hop_limit = 1
      }

      block_device_mappings = {
        root = {
          device_name = "/dev/xvda"
          ebs = {
            volume_size           = var.nodes.disk_gib
            volume_type           = "gp3"
            encrypted             = true
            delete_on_termination = true
          }
        }
      }

      update_config      = { max_unavailable_percentage = 33 }
      node_repair_config = { enabled = true }
    }
  }
}

locals {
  addons = {
    coredns    = {}
    kube-proxy = {}

    eks-pod-identity-agent = {
      before_compute = true
    }

    vpc-cni = {
      before_compute = true
      # Without it NetworkPolicies are accepted and do nothing.
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }

    aws-ebs-csi-driver = {
      pod_identity_association = [
        {
          role_arn        = module.ebs_csi_identity.iam_role_arn
          service_account = "ebs-csi-controller-sa"
        }
      ]
    }
  }
}

module "ebs_csi_identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "2.8.1"

  name               = "${local.name}-ebs-csi"
  use_name_prefix    = false
  policy_name_prefix = "${local.name}-"

  attach_aws_ebs_csi_policy = true
  aws_ebs_csi_kms_arns      = [module.kms.key_arn]
}
