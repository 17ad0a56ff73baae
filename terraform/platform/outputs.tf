# For people. No secret is among them.

output "url" {
  description = "The page."
  value       = "https://${local.host}"
}

output "next_commands" {
  description = "What comes next: terraform output -raw next_commands."
  value       = <<-EOT
    # Is it there? A new name takes some minutes to be known everywhere.
    aws eks update-kubeconfig --region ${var.region} --name ${local.name}
    kubectl --namespace crypto-rates get pods,ingress
    curl --fail https://${local.host}/health
    helm --namespace crypto-rates test crypto-rates

    # Grafana on http://127.0.0.1:3000, user admin, with the password that the first command prints
    kubectl --namespace monitoring get secret grafana-admin --output 'go-template={{index .data "admin-password" | base64decode}}'
    kubectl --namespace monitoring port-forward service/kube-prometheus-stack-grafana 3000:80

    # The log of the last hour
    aws logs tail --region ${var.region} --since 1h ${aws_cloudwatch_log_group.pods.name} --log-stream-name-prefix crypto-rates.

    # A backup now, and those that there are
    velero backup create --from-schedule velero-nightly --wait
    velero backup get
  EOT
}
