environment = "development"
host_name   = "rates-development"

replicas = { min = 2, max = 2 }

prometheus            = { retention_days = 3, volume_gib = 10 }
log_retention_days    = 7
backup_retention_days = 3
