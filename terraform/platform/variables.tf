variable "region" {
  description = "The cluster's region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "region must be the code of a region, such as eu-central-1."
  }
}

variable "account_id" {
  description = "The account, so that nothing is made in a wrong one."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits, in quotes."
  }
}

variable "environment" {
  description = "The environment whose cluster this is; also the namespace that the release is in."
  type        = string
  default     = "production"

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment must be development, staging or production."
  }
}

variable "hosted_zone" {
  description = "A public zone of Route 53 that is there already: example.org."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.hosted_zone))
    error_message = "hosted_zone must be a domain in lower case, without a point at its end."
  }
}

variable "host_name" {
  description = "The name of the page in hosted_zone: rates makes https://rates.example.org."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.host_name))
    error_message = "host_name must be one label in lower case: rates, not rates.example.org."
  }
}

variable "visitor_cidrs" {
  description = "Who may open the page."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.visitor_cidrs) > 0 && alltrue([for cidr in var.visitor_cidrs : can(cidrnetmask(cidr))])
    error_message = "visitor_cidrs must be IPv4 networks, at least one: 0.0.0.0/0 is everybody."
  }
}

variable "web_acl_arn" {
  description = "A web ACL of AWS WAF in this region, which limits the requests of each caller; null goes without."
  type        = string
  default     = null

  validation {
    condition     = var.web_acl_arn == null || can(regex("^arn:[a-z-]+:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/", var.web_acl_arn))
    error_message = "web_acl_arn must be the ARN of a regional web ACL: arn:aws:wafv2:…:regional/webacl/…."
  }
}

variable "cdn" {
  description = "CloudFront before the load balancer: whether, whether nobody else reaches that, in which of CloudFront's regions, and a global web ACL of AWS WAF."
  type = object({
    enabled        = bool
    protect_origin = optional(bool, true)
    price_class    = optional(string, "PriceClass_100")
    web_acl_arn    = optional(string)
  })
  default = { enabled = false }

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.cdn.price_class)
    error_message = "cdn.price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }

  validation {
    condition     = var.cdn.web_acl_arn == null || can(regex("^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.cdn.web_acl_arn))
    error_message = "cdn.web_acl_arn must be the ARN of a global web ACL: arn:aws:wafv2:us-east-1:…:global/webacl/…."
  }

  validation {
    # The load balancer's rules would be about CloudFront's addresses.
    condition     = !var.cdn.enabled || contains(var.visitor_cidrs, "0.0.0.0/0")
    error_message = "With cdn.enabled visitor_cidrs must be everybody: say who may open the page by a web ACL in cdn.web_acl_arn."
  }
}

variable "github_repository" {
  description = "Whose workflows deploy: owner/name, or with GitHub's numbers owner@1/name@2, as README.md says; null lets none."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.github_repository))
    error_message = "github_repository must be owner/name or owner@NUMBER/name@NUMBER, without wildcards."
  }
}

variable "deployer_principal_arns" {
  description = "Roles in AWS that may take the deployer's on, such as that of Jenkins' agents."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.deployer_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+", arn))])
    error_message = "deployer_principal_arns must be ARNs of IAM roles: arn:aws:iam::123456789012:role/name."
  }
}

variable "alerts" {
  description = "Who hears of alerts, and the Secret in the namespace monitoring with slack-url, smtp-password or pagerduty-key."
  type = object({
    secret_name = optional(string, "alert-receiver")
    slack       = optional(object({ channel = string }))
    email       = optional(object({ to = string, from = string, smarthost = string, username = string }))
    pagerduty   = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.environment != "production" || var.alerts.slack != null || var.alerts.email != null || var.alerts.pagerduty
    error_message = "alerts must have a receiver in production, or nobody hears of one: slack, email or pagerduty."
  }

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.alerts.secret_name))
    error_message = "alerts.secret_name must be the name of a Secret."
  }

  validation {
    condition     = var.alerts.email == null || can(regex("^[^:/ ]+:[0-9]+$", var.alerts.email.smarthost))
    error_message = "alerts.email.smarthost must be a mail server with its port, such as smtp.example.org:587."
  }
}

variable "runbook_url" {
  description = "Where docs/runbook.md can be read, for the alerts' links; null takes that of github_repository on github.com."
  type        = string
  default     = null

  validation {
    condition     = var.runbook_url == null || can(regex("^https://[^ #]+$", var.runbook_url))
    error_message = "runbook_url must be an address with https and without #."
  }
}

variable "replicas" {
  description = "How many pods of Crypto Rates there are at least and at most."
  type = object({
    min = number
    max = number
  })

  validation {
    condition     = var.replicas.min >= 2 && var.replicas.min <= var.replicas.max
    error_message = "replicas.min must be 2 or more, so that one can go while the other serves, and not above replicas.max."
  }
}

variable "rates_sources" {
  description = "Where rates come from: the first is in charge, the second stands in."
  type        = list(string)
  default     = ["coingecko", "coinbase"]

  validation {
    condition     = length(var.rates_sources) > 0 && alltrue([for source in var.rates_sources : contains(["coingecko", "coinbase"], source)])
    error_message = "rates_sources must be a list of coingecko and coinbase. sample is for trying the program out."
  }
}

variable "valkey_password" {
  description = "The store's password: TF_VAR_valkey_password, from Secrets Manager, as the cluster root's next_commands say. In no state and no plan."
  type        = string
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]{16,128}$", var.valkey_password))
    error_message = "valkey_password must have 16 to 128 letters and digits. Does TF_VAR_valkey_password hold what Secrets Manager has?"
  }
}

variable "valkey_password_version" {
  description = "The cluster root's valkey_password_version: raising it here, too, puts the new password into the cluster."
  type        = number
  default     = 1

  validation {
    condition     = var.valkey_password_version >= 1 && floor(var.valkey_password_version) == var.valkey_password_version
    error_message = "valkey_password_version must be a whole number, 1 or more."
  }
}

variable "coingecko_api_key" {
  description = "A key for CoinGecko's API: TF_VAR_coingecko_api_key. In no state and no plan."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.coingecko_api_key_version == 0 || can(regex("^[!-~]{1,256}$", var.coingecko_api_key))
    error_message = "With coingecko_api_key_version above 0, TF_VAR_coingecko_api_key must hold the key: up to 256 printable characters without spaces."
  }
}

variable "coingecko_api_key_version" {
  description = "0 goes without a key; 1 and more put TF_VAR_coingecko_api_key into the cluster, anew when the number rises."
  type        = number
  default     = 0

  validation {
    condition     = var.coingecko_api_key_version >= 0 && floor(var.coingecko_api_key_version) == var.coingecko_api_key_version
    error_message = "coingecko_api_key_version must be a whole number, 0 or more."
  }
}

variable "coingecko_api_plan" {
  description = "The plan of the key: demo or pro."
  type        = string
  default     = "demo"

  validation {
    condition     = contains(["demo", "pro"], var.coingecko_api_plan)
    error_message = "coingecko_api_plan must be demo or pro."
  }
}

variable "prometheus" {
  description = "For how many days Prometheus keeps what it measures, and on how large a volume."
  type = object({
    retention_days = number
    volume_gib     = number
  })

  validation {
    condition     = var.prometheus.retention_days >= 1 && var.prometheus.volume_gib >= 5
    error_message = "prometheus needs 1 day and 5 GiB at least."
  }
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps the logs of the pods."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "log_retention_days must be one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

variable "backup_retention_days" {
  description = "How long Velero keeps the backups that it makes each night."
  type        = number

  validation {
    condition     = var.backup_retention_days >= 1 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number of days, 1 or more."
  }
}
