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
  description = "The environment whose cluster this is."
  type        = string

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

variable "image_tag" {
  description = "Which build runs: a tag in the environment's registry."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag must be the tag of one build, and not latest: pages that are open could not see that another build answers."
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
