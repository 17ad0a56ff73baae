# What is in the cluster before Crypto Rates: its namespace and Secrets, the controllers that it needs, and who
# may deploy it. A root of its own, because a provider can't work with a cluster that the same state is about
# to destroy.

terraform {
  # 1.11 is the first with write-only arguments, and with the state's lock in S3 itself.
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "3.1.2"
    }
    # Before 3.2.1 a Secret with data_wo could not be made.
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "3.2.1"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.9.1"
    }
    time = {
      source  = "hashicorp/time"
      version = "0.13.1"
    }
  }

  # The rest is in environments/*.s3.tfbackend and on the command line.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "crypto-rates"
      Environment = var.environment
      ManagedBy   = "terraform/platform"
    }
  }
}

# Tokens of EKS live for a quarter of an hour, less than an apply may take: so each is asked for when it
# is needed.
locals {
  kubernetes = {
    host                   = data.aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)

    exec = {
      api_version = "client.authentication.k8s.io/v1"
      command     = "aws"
      args        = ["eks", "get-token", "--region", var.region, "--cluster-name", local.name]
    }
  }
}

provider "helm" {
  kubernetes = local.kubernetes
}

provider "kubernetes" {
  host                   = local.kubernetes.host
  cluster_ca_certificate = local.kubernetes.cluster_ca_certificate

  exec {
    api_version = local.kubernetes.exec.api_version
    command     = local.kubernetes.exec.command
    args        = local.kubernetes.exec.args
  }
}
