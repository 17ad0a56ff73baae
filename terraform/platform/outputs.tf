# What the pipeline takes, and what people want to know. No secret is among them.

output "url" {
  description = "The page."
  value       = "https://${local.host}"
}

output "cluster_name" {
  description = "The cluster: EKS_CLUSTER in the pipelines."
  value       = local.name
}

output "region" {
  description = "Its region: AWS_REGION in the pipelines."
  value       = var.region
}

output "namespace" {
  description = "Where the release crypto-rates is."
  value       = kubernetes_namespace_v1.crypto_rates.metadata[0].name
}

output "deployer_role_arn" {
  description = "The role that deploys: AWS_ROLE_ARN in the pipelines; null where nobody is named who may take it on."
  value       = one(aws_iam_role.deployer[*].arn)
}

output "image_repository" {
  description = "Where nodes pull images without a password and the deployer pushes them: IMAGE_REPOSITORY in the pipelines."
  value       = data.aws_ecr_repository.image.repository_url
}

output "helm_values" {
  description = "The chart's values for this environment, all but the image: HELM_VALUES in the pipelines."
  value       = yamlencode(local.helm_values)
}

output "next_commands" {
  description = "What comes next: terraform output -raw next_commands."
  value = <<-EOT
    aws eks update-kubeconfig --region ${var.region} --name ${local.name}
%{if local.has_receiver~}

    # What signs in where alerts go, each key in a file of its own; Alertmanager waits for it
    kubectl --namespace monitoring create secret generic ${var.alerts.secret_name} ${join(" ", compact([
  var.alerts.slack == null ? "" : "--from-file=slack-url",
  var.alerts.email == null ? "" : "--from-file=smtp-password",
  var.alerts.pagerduty ? "--from-file=pagerduty-key" : "",
]))}
    kubectl --namespace monitoring rollout status statefulset/alertmanager-kube-prometheus-stack-alertmanager --timeout 5m
%{endif~}
%{if var.github_repository != null~}

    # For GitHub's environment ${var.environment}, again whenever an apply has changed them
    gh variable set AWS_ROLE_ARN --env ${var.environment} --body "$(terraform -chdir=terraform/platform output -raw deployer_role_arn)"
    gh variable set AWS_REGION --env ${var.environment} --body ${var.region}
    gh variable set EKS_CLUSTER --env ${var.environment} --body ${local.name}
    gh variable set IMAGE_REPOSITORY --env ${var.environment} --body ${data.aws_ecr_repository.image.repository_url}
    terraform -chdir=terraform/platform output -raw helm_values | gh variable set HELM_VALUES --env ${var.environment}
%{endif~}

    # By hand, with the image that the cluster root's commands have pushed: its digest in $DIGEST
    terraform -chdir=terraform/platform output -raw helm_values >values-eks.yaml
    scripts/05-deploy-crypto-rates-to-k8s.sh ${var.environment} --values values-eks.yaml --image ${data.aws_ecr_repository.image.repository_url}@$DIGEST

    # Is it there? A new name takes some minutes to be known everywhere.
    kubectl --namespace ${var.environment} get pods,ingress
    curl --fail https://${local.host}/health
    helm --namespace ${var.environment} test crypto-rates

    # Grafana on http://127.0.0.1:3000, user admin, with the password that the first command prints
    kubectl --namespace monitoring get secret grafana-admin --output 'go-template={{index .data "admin-password" | base64decode}}'
    kubectl --namespace monitoring port-forward service/kube-prometheus-stack-grafana 3000:80

    # The log of the last hour
    aws logs tail --region ${var.region} --since 1h ${aws_cloudwatch_log_group.pods.name} --log-stream-name-prefix ${var.environment}.

    # A backup now, and those that there are
    velero backup create --from-schedule velero-nightly --wait
    velero backup get
  EOT
}
