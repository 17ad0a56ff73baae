# The VPC: three zones, each with a public subnet (load balancers, NAT), a private one (nodes and pods)
# and one without any way to the Internet (Valkey, and the control plane's network interfaces).

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "6.6.0"

  name = local.name
  cidr = var.vpc_cidr
  azs  = local.zones

  # A /20 for 4096 nodes and pods in each zone; a /24 for each of the rest.
  private_subnets = [for index, zone in local.zones : cidrsubnet(var.vpc_cidr, 4, index)]
  public_subnets  = [for index, zone in local.zones : cidrsubnet(var.vpc_cidr, 8, 48 + index)]
  intra_subnets   = [for index, zone in local.zones : cidrsubnet(var.vpc_cidr, 8, 64 + index)]

  enable_nat_gateway     = true
  single_nat_gateway     = var.nat_gateways == "one"
  one_nat_gateway_per_az = var.nat_gateways == "per_zone"

  map_public_ip_on_launch = false

  # The load balancer controller finds its subnets by the roles, the platform root by the tier.
  public_subnet_tags = {
    "kubernetes.io/role/elb" = "1"
    Tier                     = "public"
  }
  private_subnet_tags = {
    "kubernetes.io/role/internal-elb" = "1"
    Tier                              = "private"
  }
  intra_subnet_tags = {
    Tier = "intra"
  }

  # The default security group lets nothing through, so that nothing works by having been left in it.
  manage_default_security_group  = true
  default_security_group_ingress = []
  default_security_group_egress  = []

  enable_flow_log                                 = var.flow_logs
  create_flow_log_cloudwatch_log_group            = var.flow_logs
  create_flow_log_cloudwatch_iam_role             = var.flow_logs
  flow_log_cloudwatch_log_group_kms_key_id        = module.kms.key_arn
  flow_log_cloudwatch_log_group_retention_in_days = var.log_retention_days
}

# Image layers come from S3: by this they take no way through NAT, which is paid by the gigabyte.
module "vpc_endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "6.6.0"

  vpc_id = module.vpc.vpc_id

  endpoints = {
    s3 = {
      service         = "s3"
      service_type    = "Gateway"
      route_table_ids = concat(module.vpc.private_route_table_ids, module.vpc.intra_route_table_ids)
      tags            = { Name = "${local.name}-s3" }
    }
  }
}
