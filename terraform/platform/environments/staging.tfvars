environment = "staging"
host_name   = "rates-staging"

replicas = { min = 2, max = 4 }

prometheus            = { retention_days = 7, volume_gib = 20 }
log_retention_days    = 14
backup_retention_days = 7
