"""What the community's modules are told, in each environment, by a plan from nothing."""

import ipaddress
import json
import re

import pytest
from terraform_stubs import ENVIRONMENTS, dropped

ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
KEY = "arn:aws:kms:eu-central-1:123456789012:key/stub"


@pytest.fixture(params=ENVIRONMENTS)
def environment(request) -> str:
    return request.param


@pytest.fixture
def told(plans, environment):
    """What a module of the cluster root is told in this environment."""

    def arguments(module: str) -> dict:
        return plans["cluster", environment][f"module.{module}.terraform_data.arguments"]["input"]

    return arguments


def test_no_name_is_dropped(plans, environment):
    """No setting that is given to a module is one that it would drop without a word."""
    plan = plans["cluster", environment] | plans["platform", environment]
    address = re.compile(r"module\.\w+(\[.*\])?\.terraform_data\.arguments")
    given = {name: after["input"] for name, after in plan.items() if address.fullmatch(name)}
    assert len(given) >= 12
    wrong = []
    for name, arguments in given.items():
        wrong += dropped(arguments, plan[name.replace("terraform_data", "module.typed.terraform_data")]["input"], name)
    assert not wrong


def test_zones(told):
    """There is a public, a private and an isolated subnet in each of three zones, and none overlaps another."""
    vpc = told("vpc")
    assert vpc["azs"] == ZONES
    tiers = [vpc[f"{tier}_subnets"] for tier in ("public", "private", "intra")]
    assert [len(subnets) for subnets in tiers] == [3, 3, 3]
    networks = [ipaddress.ip_network(cidr) for subnets in tiers for cidr in subnets]
    whole = ipaddress.ip_network(vpc["cidr"])
    assert all(network.subnet_of(whole) for network in networks)
    assert not any(a.overlaps(b) for a in networks for b in networks if a is not b)


def test_environments_can_be_peered(plans):
    """No two environments have addresses in common."""
    cidrs = [plans["cluster", e]["module.vpc.terraform_data.arguments"]["input"]["cidr"] for e in ENVIRONMENTS]
    assert len(set(cidrs)) == 3


def test_nat(told, environment):
    """Production's zones each have a way out of their own, the others share one."""
    vpc = told("vpc")
    assert vpc["enable_nat_gateway"]
    assert (vpc["single_nat_gateway"], vpc["one_nat_gateway_per_az"]) == (
        (False, True) if environment == "production" else (True, False)
    )


def test_nodes_are_private(told):
    """There is a group of nodes in each zone's private subnet, and none has a public address."""
    groups = told("eks")["eks_managed_node_groups"]
    assert {zone: group["subnet_ids"] for zone, group in groups.items()} == {z: [f"private-{z}"] for z in ZONES}
    assert not told("vpc")["map_public_ip_on_launch"]
    assert not any("network_interfaces" in group or "remote_access" in group for group in groups.values())


def test_nodes(told):
    """Nodes are one to each zone at least, have encrypted disks, and keep their own rights from pods."""
    for group in told("eks")["eks_managed_node_groups"].values():
        # Names of roles have 64 characters at most; as a prefix of one, 38.
        assert len(group["iam_role_name"]) <= 64 and not group["iam_role_use_name_prefix"]
        assert 1 <= group["min_size"] <= group["max_size"]
        assert group["metadata_options"] == {"http_tokens": "required", "http_put_response_hop_limit": 1}
        assert group["block_device_mappings"]["root"]["ebs"]["encrypted"]


def test_api_is_closed(told):
    """The cluster's API has no public address as long as no network is named."""
    eks = told("eks")
    assert eks["endpoint_private_access"] and not eks["endpoint_public_access"]
    assert eks["endpoint_public_access_cidrs"] is None
    assert eks["control_plane_subnet_ids"] == [f"intra-{zone}" for zone in ZONES]
    assert eks["authentication_mode"] == "API"


def test_api_is_opened_for_named_networks(terraform):
    """The API is opened to exactly the networks that are named, from the Internet or through the VPC."""
    own = ['-var=api_public_cidrs=["203.0.113.7/32"]', '-var=api_private_cidrs=["10.8.0.0/16"]']
    plan = terraform.plan("cluster", "staging", *own)
    eks = plan["module.eks.terraform_data.arguments"]["input"]
    assert eks["endpoint_private_access"] and eks["endpoint_public_access"]
    assert eks["endpoint_public_access_cidrs"] == ["203.0.113.7/32"]
    (rule,) = eks["security_group_additional_rules"].values()
    assert (rule["from_port"], rule["to_port"], rule["cidr_blocks"]) == (443, 443, ["10.8.0.0/16"])


def test_administrators(terraform):
    """Named roles administer the cluster, and then whoever creates it does not by that alone."""
    role = "arn:aws:iam::123456789012:role/platform"
    eks = terraform.plan("cluster", "staging", f'-var=admin_role_arns=["{role}"]')["module.eks.terraform_data.arguments"]
    assert not eks["input"]["enable_cluster_creator_admin_permissions"]
    (entry,) = eks["input"]["access_entries"].values()
    assert entry["principal_arn"] == role
    assert entry["policy_associations"]["admin"]["policy_arn"].endswith("/AmazonEKSClusterAdminPolicy")


def test_encryption(told, plans, environment):
    """Secrets, images, store, password, backups, logs and volumes are encrypted with the environment's key."""
    assert told("kms")["enable_key_rotation"]
    eks = told("eks")
    assert eks["encryption_config"] == {"provider_key_arn": KEY, "resources": ["secrets"]} and not eks["create_kms_key"]
    assert eks["cloudwatch_log_group_kms_key_id"] == KEY
    for repository in ("crypto-rates", "charts/crypto-rates"):
        ecr = told(f'ecr["{repository}"]')
        assert (ecr["repository_encryption_type"], ecr["repository_kms_key"]) == ("KMS", KEY)
    valkey = told("valkey")
    assert valkey["at_rest_encryption_enabled"] and valkey["kms_key_arn"] == KEY
    assert valkey["log_delivery_configuration"]["slow-log"]["cloudwatch_log_group_kms_key_id"] == KEY
    assert told("vpc")["flow_log_cloudwatch_log_group_kms_key_id"] == KEY
    assert told("ebs_csi_identity")["aws_ebs_csi_kms_arns"] == [KEY]
    plan = plans["cluster", environment]
    assert plan["aws_secretsmanager_secret.valkey"]["kms_key_id"] == KEY
    (rule,) = plan["module.backups.aws_s3_bucket_server_side_encryption_configuration.this"]["rule"]
    (default,) = rule["apply_server_side_encryption_by_default"]
    assert (default["sse_algorithm"], default["kms_master_key_id"]) == ("aws:kms", KEY)


def test_store(told, environment):
    """The store takes TLS with a password only, from the cluster's nodes only, and stands by in production."""
    valkey = told("valkey")
    assert valkey["transit_encryption_enabled"] and valkey["transit_encryption_mode"] == "required"
    assert valkey["user_group_ids"] == [f"crypto-rates-{environment}"]
    assert valkey["subnet_ids"] == [f"intra-{zone}" for zone in ZONES]
    (rule,) = valkey["security_group_rules"].values()
    assert rule["referenced_security_group_id"] == "sg-nodes" and "cidr_ipv4" not in rule
    assert (valkey["engine"], valkey["cluster_mode_enabled"]) == ("valkey", False)
    assert valkey["multi_az_enabled"] == valkey["automatic_failover_enabled"] == (valkey["num_cache_clusters"] > 1)
    assert environment != "production" or valkey["num_cache_clusters"] >= 2


def test_deletion_protection(told, plans, environment):
    """Production refuses to be destroyed and keeps what holds data; the others go without a trace."""
    kept = environment == "production"
    assert told("eks")["deletion_protection"] is kept
    assert told("kms")["deletion_window_in_days"] == (30 if kept else 7)
    assert told('ecr["crypto-rates"]')["repository_force_delete"] is not kept
    assert told("valkey")["final_snapshot_identifier"] == ("crypto-rates-production-final" if kept else None)
    assert told("valkey")["apply_immediately"] is not kept
    assert plans["cluster", environment]["module.backups.aws_s3_bucket.this"]["force_destroy"] is not kept


def test_images(told):
    """A tag of the registry means one build for ever, but for signatures, and images are scanned."""
    ecr = told('ecr["crypto-rates"]')
    assert ecr["repository_image_tag_mutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert [f["filter"] for f in ecr["repository_image_tag_mutability_exclusion_filter"]] == ["sha256-*"]
    assert ecr["repository_image_scan_on_push"]


def test_addons(told):
    """NetworkPolicies are enforced, and pods can get rights by Pod Identity before there are nodes."""
    addons = told("eks")["addons"]
    assert json.loads(addons["vpc-cni"]["configuration_values"]) == {"enableNetworkPolicy": "true"}
    assert addons["vpc-cni"]["before_compute"] and addons["eks-pod-identity-agent"]["before_compute"]
    (association,) = addons["aws-ebs-csi-driver"]["pod_identity_association"]
    assert association["role_arn"].endswith("-ebs-csi")
    assert not told("eks")["enable_irsa"]


def test_rights(plans, environment):
    """Each controller gets the one policy that is made for it, on the one service account that its chart has."""
    plan = plans["platform", environment]
    policies = {
        "aws-load-balancer-controller": "attach_aws_lb_controller_policy",
        "cluster-autoscaler": "attach_cluster_autoscaler_policy",
        "external-dns": "attach_external_dns_policy",
        "fluent-bit": "attach_custom_policy",
        "velero": "attach_velero_policy",
    }
    for name, policy in policies.items():
        told = plan[f'module.identity["{name}"].terraform_data.arguments']["input"]
        assert [key for key, value in told.items() if key.startswith("attach_") and value] == [policy]
        release = plan[f"helm_release.{name.replace('-', '_')}"]
        (association,) = told["associations"].values()
        assert association["namespace"] == release["namespace"]
        assert association["service_account"] == name and f'"name": "{name}"' in release["values"][0]
        # Names of roles have 64 characters at most.
        assert len(told["name"]) <= 64
