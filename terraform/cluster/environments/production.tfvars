# No zone depends on another, and nothing that holds data goes by mistake.
environment = "production"

vpc_cidr     = "10.42.0.0/16"
nat_gateways = "per_zone"
flow_logs    = true

nodes = {
  instance_types = ["m7i.large", "m6i.large"]
  max_per_zone   = 4
}

valkey = {
  node_type     = "cache.t4g.small"
  nodes         = 2
  snapshot_days = 7
}

log_retention_days  = 90
deletion_protection = true
