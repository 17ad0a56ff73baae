# As production is, but smaller, and with one way out.
environment = "staging"

vpc_cidr     = "10.41.0.0/16"
nat_gateways = "one"
flow_logs    = true

nodes = {
  instance_types = ["t3.large", "t3a.large"]
  max_per_zone   = 2
}

valkey = {
  node_type     = "cache.t4g.micro"
  nodes         = 2
  snapshot_days = 1
}

log_retention_days  = 14
deletion_protection = false
