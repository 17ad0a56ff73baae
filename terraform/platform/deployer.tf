# Who deploys: a role for the pipeline, which holds no key of AWS'. It may do what a release needs in the one
# namespace, and push the images that the nodes pull.

locals {
  deployers = var.github_repository != null || length(var.deployer_principal_arns) > 0
  github    = "token.actions.githubusercontent.com"
  group     = "crypto-rates-deployers"
}

# One for the whole account: the state root makes it.
data "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository == null ? 0 : 1

  url = "https://${local.github}"
}

resource "aws_iam_role" "deployer" {
  count = local.deployers ? 1 : 0

  name        = "${local.name}-deployer"
  description = "Deploys Crypto Rates into the namespace ${var.environment} of ${local.name}"

  # Steps of one deployment, with smoke and load test.
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      var.github_repository == null ? [] : [
        {
          Effect    = "Allow"
          Action    = "sts:AssumeRoleWithWebIdentity"
          Principal = { Federated = data.aws_iam_openid_connect_provider.github[0].arn }
          # Of this repository only jobs for this environment, which GitHub lets run when its approvers have said so.
          Condition = {
            StringEquals = {
              "${local.github}:aud" = "sts.amazonaws.com"
              "${local.github}:sub" = "repo:${var.github_repository}:environment:${var.environment}"
            }
          }
        }
      ],
      length(var.deployer_principal_arns) == 0 ? [] : [
        {
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = { AWS = var.deployer_principal_arns }
        }
      ],
    )
  })
}

resource "aws_iam_role_policy" "deployer" {
  count = local.deployers ? 1 : 0

  name = "deploy"
  role = aws_iam_role.deployer[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FindTheCluster"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = data.aws_eks_cluster.this.arn
      },
      {
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid    = "PushImages"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
        ]
        Resource = data.aws_ecr_repository.image.arn
      },
    ]
  })
}

resource "aws_eks_access_entry" "deployer" {
  count = local.deployers ? 1 : 0

  cluster_name      = data.aws_eks_cluster.this.name
  principal_arn     = aws_iam_role.deployer[0].arn
  kubernetes_groups = [local.group]
}

resource "aws_eks_access_policy_association" "deployer" {
  count = local.deployers ? 1 : 0

  cluster_name  = data.aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.deployer[0].principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = [kubernetes_namespace_v1.crypto_rates.metadata[0].name]
  }
}

# EKS' policies know no kinds that somebody else has brought.
resource "kubernetes_role_v1" "deployer" {
  metadata {
    name      = "crypto-rates-deployer"
    namespace = kubernetes_namespace_v1.crypto_rates.metadata[0].name
  }

  rule {
    api_groups = ["monitoring.coreos.com"]
    resources  = ["prometheusrules", "servicemonitors"]
    verbs      = ["create", "delete", "get", "list", "patch", "update", "watch"]
  }
}

resource "kubernetes_role_binding_v1" "deployer" {
  metadata {
    name      = "crypto-rates-deployer"
    namespace = kubernetes_namespace_v1.crypto_rates.metadata[0].name
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.deployer.metadata[0].name
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = local.group
  }
}
