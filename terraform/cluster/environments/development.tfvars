# As small as works: one way out, spot nodes, a store without a stand-by.
environment = "development"

vpc_cidr     = "10.40.0.0/16"
nat_gateways = "one"
flow_logs    = false

nodes = {
  instance_types = ["t3.medium", "t3a.medium"]
  capacity_type  = "SPOT"
  max_per_zone   = 2
}

valkey = {
  node_type     = "cache.t4g.micro"
  nodes         = 1
  snapshot_days = 0
}

log_retention_days  = 7
deletion_protection = false
