# What the platform needs it looks up by name; these are for people. No secret is among them.

locals {
  registry   = split("/", module.ecr["crypto-rates"].repository_url)[0]
  root       = "terraform -chdir=terraform/platform"
  kubeconfig = "aws eks update-kubeconfig --region ${var.region} --name ${local.name}"
}

output "cluster_name" {
  description = "The cluster's name, as aws eks and kubectl know it."
  value       = module.eks.cluster_name
}

output "image_repository" {
  description = "Where images are pushed."
  value       = module.ecr["crypto-rates"].repository_url
}

output "chart_repository" {
  description = "Where helm push puts the chart."
  value       = "oci://${dirname(module.ecr["charts/crypto-rates"].repository_url)}"
}

output "valkey_endpoint" {
  description = "The store's address, without its password."
  value       = module.valkey.replication_group_primary_endpoint_address
}

output "valkey_secret" {
  description = "The secret of Secrets Manager that has the store's password."
  value       = aws_secretsmanager_secret.valkey.name
}

output "next_commands" {
  description = "What comes next, from the project's folder: terraform output -raw next_commands."
  value       = <<-EOT
    # Talk to the cluster%{if length(var.api_public_cidrs) == 0} (from inside its network: the API has no public address)%{endif}
    ${local.kubeconfig}
    kubectl get nodes

    # Push an image, built before with the tag $VERSION; its digest is what is deployed
    aws ecr get-login-password --region ${var.region} | docker login --username AWS --password-stdin ${local.registry}
    docker tag crypto-rates:$VERSION ${module.ecr["crypto-rates"].repository_url}:$VERSION
    docker push ${module.ecr["crypto-rates"].repository_url}:$VERSION
    DIGEST="$(aws ecr describe-images --region ${var.region} --repository-name ${local.name}/crypto-rates --image-ids imageTag=$VERSION --query 'imageDetails[0].imageDigest' --output text)"

    # The platform
    export TF_VAR_valkey_password="$(aws secretsmanager get-secret-value --region ${var.region} --secret-id ${aws_secretsmanager_secret.valkey.name} --query SecretString --output text)"
    ${local.root} init -reconfigure -backend-config=environments/${var.environment}.s3.tfbackend -backend-config="bucket=crypto-rates-terraform-${var.account_id}"
    ${local.root} apply -var-file=environments/${var.environment}.tfvars
    ${local.root} output -raw next_commands
  EOT
}
