environment = "production"
host_name   = "rates"

replicas = { min = 3, max = 10 }

prometheus            = { retention_days = 30, volume_gib = 50 }
log_retention_days    = 90
backup_retention_days = 30
