# Who hears of alerts. What signs in to Slack, the mail server or PagerDuty is in a Secret of the namespace
# monitoring that is made by hand: Alertmanager waits for it, and it is in no state.

locals {
  has_receiver = var.alerts.slack != null || var.alerts.email != null || var.alerts.pagerduty
  secrets      = "/etc/alertmanager/secrets/${var.alerts.secret_name}"

  # docs/runbook.md, where people can read it.
  runbook_url = (
    var.runbook_url != null ? var.runbook_url :
    var.github_repository == null ? "" :
    "https://github.com/${replace(var.github_repository, "/@[0-9]+/", "")}/blob/main/docs/runbook.md"
  )

  receiver = merge(
    { name = "team" },
    var.alerts.slack == null ? {} : {
      slack_configs = [
        {
          channel       = var.alerts.slack.channel
          api_url_file  = "${local.secrets}/slack-url"
          send_resolved = true
          title         = "{{ .Status }}: {{ .CommonLabels.alertname }} (${var.environment})"
          text          = "{{ range .Alerts }}{{ .Annotations.summary }} {{ .Annotations.runbook_url }}\n{{ end }}"
        }
      ]
    },
    var.alerts.email == null ? {} : {
      email_configs = [
        {
          to                 = var.alerts.email.to
          from               = var.alerts.email.from
          smarthost          = var.alerts.email.smarthost
          auth_username      = var.alerts.email.username
          auth_password_file = "${local.secrets}/smtp-password"
          send_resolved      = true
        }
      ]
    },
    var.alerts.pagerduty ? {
      pagerduty_configs = [
        {
          routing_key_file = "${local.secrets}/pagerduty-key"
          send_resolved    = true
        }
      ]
    } : {},
  )

  alertmanager = { for name, setting in {
    alertmanagerSpec = { secrets = [var.alerts.secret_name] }

    config = {
      receivers = [local.receiver, { name = "null" }]
      route = {
        receiver        = "team"
        group_by        = ["namespace", "alertname"]
        group_wait      = "30s"
        group_interval  = "5m"
        repeat_interval = "12h"
        # These two always fire: they are for other programs.
        routes = [{ receiver = "null", matchers = ["alertname =~ \"InfoInhibitor|Watchdog\""] }]
      }
    }
  } : name => setting if local.has_receiver }
}
