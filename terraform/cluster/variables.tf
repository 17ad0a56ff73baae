variable "region" {
  description = "The region that everything is in."
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
  description = "Which of the environments this is; part of every name."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment must be development, staging or production."
  }
}

variable "vpc_cidr" {
  description = "The addresses of the VPC, a /16. Nodes and pods take theirs from it."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && can(regex("/16$", var.vpc_cidr))
    error_message = "vpc_cidr must be an IPv4 network with the prefix 16, such as 10.40.0.0/16."
  }
}

variable "nat_gateways" {
  description = "The way out: one NAT gateway for all zones, or per_zone, so that none depends on another."
  type        = string

  validation {
    condition     = contains(["one", "per_zone"], var.nat_gateways)
    error_message = "nat_gateways must be one or per_zone."
  }
}

variable "flow_logs" {
  description = "Whether the VPC's connections are logged; paid by the gigabyte."
  type        = bool
}

variable "kubernetes_version" {
  description = "Kubernetes' minor version, one of kubernetes.tf. platform/charts.tf has the cluster autoscaler for the same one."
  type        = string
  default     = "1.36"

  validation {
    condition = timecmp(
      "${lookup(local.standard_support_until, var.kubernetes_version, "2000-01-01")}T00:00:00Z",
      var.today == null ? plantimestamp() : "${var.today}T00:00:00Z",
    ) > 0
    error_message = "kubernetes_version must be in EKS' standard support. It ends, version by version: ${jsonencode(local.standard_support_until)}. A newer one takes a line in kubernetes.tf."
  }

  validation {
    condition     = contains(keys(local.kubernetes_pins), var.kubernetes_version)
    error_message = "kubernetes_version must be one that kubernetes.tf has pins for: ${join(", ", keys(local.kubernetes_pins))}."
  }
}

variable "today" {
  description = "The day by which EKS' standard support is judged, for tests: 2027-01-31; null is today."
  type        = string
  default     = null

  validation {
    condition     = var.today == null || can(formatdate("YYYY", "${var.today}T00:00:00Z"))
    error_message = "today must be a date such as 2027-01-31."
  }
}

variable "api_public_cidrs" {
  description = "Networks that reach the cluster's API from the Internet. None: it is reached from the VPC only."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.api_public_cidrs : can(cidrnetmask(cidr))])
    error_message = "api_public_cidrs must be IPv4 networks, such as 203.0.113.7/32."
  }

  validation {
    # Half of the Internet is as open as all of it.
    condition     = alltrue([for cidr in var.api_public_cidrs : try(tonumber(split("/", cidr)[1]) >= 16, false)])
    error_message = "api_public_cidrs must name your own networks, each with a prefix of 16 or more: the API is not for everybody."
  }
}

variable "api_private_cidrs" {
  description = "Networks that reach the cluster's API through the VPC: a VPN's, a peered VPC's, the runners'."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.api_private_cidrs : can(cidrnetmask(cidr)) && cidr != "0.0.0.0/0"])
    error_message = "api_private_cidrs must be IPv4 networks, such as 10.8.0.0/16."
  }
}

variable "admin_role_arns" {
  description = "IAM roles that administer the cluster. None: whoever creates it does."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.admin_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+", arn))])
    error_message = "admin_role_arns must be ARNs of IAM roles: arn:aws:iam::123456789012:role/name."
  }
}

variable "nodes" {
  description = "The nodes. There is one group in each of three zones, with these sizes."
  type = object({
    instance_types = list(string)
    ami_type       = optional(string, "AL2023_x86_64_STANDARD")
    capacity_type  = optional(string, "ON_DEMAND")
    disk_gib       = optional(number, 50)
    min_per_zone   = optional(number, 1)
    max_per_zone   = number
  })

  validation {
    condition     = length(var.nodes.instance_types) > 0
    error_message = "nodes.instance_types must name an instance type, such as m7i.large."
  }

  validation {
    condition     = contains(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD"], var.nodes.ami_type)
    error_message = "nodes.ami_type must be AL2023_x86_64_STANDARD or AL2023_ARM_64_STANDARD, as the instance types and the image are."
  }

  validation {
    condition     = contains(["ON_DEMAND", "SPOT"], var.nodes.capacity_type)
    error_message = "nodes.capacity_type must be ON_DEMAND or SPOT."
  }

  validation {
    # Without a node in each zone the volumes of that zone can't be mounted until there is one.
    condition     = var.nodes.min_per_zone >= 1 && var.nodes.min_per_zone <= var.nodes.max_per_zone
    error_message = "nodes.min_per_zone must be 1 or more, and not above nodes.max_per_zone."
  }

  validation {
    condition     = var.nodes.disk_gib >= 20
    error_message = "nodes.disk_gib must be 20 or more."
  }
}

variable "valkey" {
  description = "The shared store: its node type, how many nodes (the first is in charge, the others stand by), and for how many days snapshots are kept."
  type = object({
    node_type     = string
    nodes         = number
    snapshot_days = number
  })

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.valkey.node_type))
    error_message = "valkey.node_type must be one of ElastiCache's, such as cache.t4g.micro."
  }

  validation {
    condition     = contains([1, 2, 3], var.valkey.nodes)
    error_message = "valkey.nodes must be 1, 2 or 3."
  }

  validation {
    condition     = var.environment != "production" || var.valkey.nodes >= 2
    error_message = "valkey.nodes must be 2 or more in production: a single node has nobody to take over."
  }

  validation {
    condition     = var.valkey.snapshot_days >= 0 && var.valkey.snapshot_days <= 35
    error_message = "valkey.snapshot_days must be 0 to 35."
  }
}

variable "valkey_password_version" {
  description = "Raise it to make a new password for the store. The platform takes the same number."
  type        = number
  default     = 1

  validation {
    condition     = var.valkey_password_version >= 1 && floor(var.valkey_password_version) == var.valkey_password_version
    error_message = "valkey_password_version must be a whole number, 1 or more."
  }
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps the logs of the control plane, the VPC and the store."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "log_retention_days must be one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

variable "deletion_protection" {
  description = "Whether the cluster refuses to be destroyed, and what holds data is kept. Turn it off by an apply of its own before destroying."
  type        = bool
}
