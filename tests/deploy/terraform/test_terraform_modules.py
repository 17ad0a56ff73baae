"""What the community's modules are told, in each environment, by a plan from nothing."""

import ipaddress
import json
import re

import pytest
from terraform_stubs import ENVIRONMENTS, dropped

ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
KEY = "arn:aws:kms:eu-central-1:123456789012:key/stub"
IMAGES, CHARTS = 'ecr["crypto-rates"]', 'ecr["charts/crypto-rates"]'
LOGS = "log_delivery_configuration slow-log cloudwatch_log_group_kms_key_id"
SIGNATURES = {"filter": "sha256-*", "filter_type": "WILDCARD"}
PRODUCTION = object()  # true there, false elsewhere

# What is proven: where it stands in what a module is told, and what.
TOLD = {
    "the API of the cluster has no public address as long as no network is named": {
        "eks endpoint_private_access": True,
        "eks endpoint_public_access": False,
        "eks endpoint_public_access_cidrs": None,
        "eks control_plane_subnet_ids": [f"intra-{zone}" for zone in ZONES],
        "eks authentication_mode": "API",
    },
    "Secrets, images, store, logs and volumes are encrypted with the environment's key": {
        "kms enable_key_rotation": True,
        "eks encryption_config": {"provider_key_arn": KEY, "resources": ["secrets"]},
        "eks create_kms_key": False,
        "eks cloudwatch_log_group_kms_key_id": KEY,
        **{f"{repository} repository_encryption_type": "KMS" for repository in (IMAGES, CHARTS)},
        **{f"{repository} repository_kms_key": KEY for repository in (IMAGES, CHARTS)},
        "valkey at_rest_encryption_enabled": True,
        "valkey kms_key_arn": KEY,
        f"valkey {LOGS}": KEY,
        "vpc flow_log_cloudwatch_log_group_kms_key_id": KEY,
        "ebs_csi_identity aws_ebs_csi_kms_arns": [KEY],
    },
    "the store takes TLS only, and is reached from the cluster's nodes only": {
        "valkey transit_encryption_enabled": True,
        "valkey transit_encryption_mode": "required",
        "valkey subnet_ids": [f"intra-{zone}" for zone in ZONES],
        "valkey engine": "valkey",
        "valkey cluster_mode_enabled": False,
        "valkey security_group_rules": {
            "nodes": {"description": "Pods of the cluster", "referenced_security_group_id": "sg-nodes"},
        },
    },
    "production refuses to be destroyed; each of its zones has a way out of its own": {
        "eks deletion_protection": PRODUCTION,
        "vpc enable_nat_gateway": True,
        "vpc one_nat_gateway_per_az": PRODUCTION,
    },
    "a tag of the registry means one build for ever, but for signatures, and images are scanned": {
        f"{IMAGES} repository_image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
        f"{IMAGES} repository_image_tag_mutability_exclusion_filter": [SIGNATURES],
        f"{IMAGES} repository_image_scan_on_push": True,
    },
    "NetworkPolicies are enforced, and pods get rights by Pod Identity before there are nodes": {
        "eks addons vpc-cni configuration_values": json.dumps({"enableNetworkPolicy": "true"}, separators=(",", ":")),
        "eks addons vpc-cni before_compute": True,
        "eks addons eks-pod-identity-agent before_compute": True,
        "eks enable_irsa": False,
    },
}

RIGHTS = {
    "aws-load-balancer-controller": "aws_lb_controller",
    "cluster-autoscaler": "cluster_autoscaler",
    "external-dns": "external_dns",
    "fluent-bit": "custom",
    "velero": "velero",
}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request) -> str:
    return request.param


@pytest.fixture
def told(plans, environment):
    """What a module of the cluster root is told in this environment."""
    return lambda name: plans["cluster", environment][f"module.{name}.terraform_data.arguments"]["input"]


@pytest.mark.parametrize("statement", TOLD)
def test_told(told, environment, statement):
    """The modules are told that"""
    for path, wanted in TOLD[statement].items():
        module, *names = re.findall(r'\w+\["[^"]+"\]|\S+', path)
        value = told(module)
        for name in names:
            value = value[name]
        assert value == (environment == "production" if wanted is PRODUCTION else wanted), path


def test_no_name_is_dropped(plans, environment):
    """No setting that is given to a module is one that it would drop without a word."""
    plan = plans["cluster", environment] | plans["platform", environment]
    given = [name for name in plan if re.fullmatch(r"module\.\w+(\[.*\])?\.terraform_data\.arguments", name)]
    assert len(given) >= 12
    for name in given:
        typed = plan[name.replace("terraform_data", "module.typed.terraform_data")]
        assert not dropped(plan[name]["input"], typed["input"], name)


def test_networks(plans):
    """Each zone has a public, a private and an isolated subnet; none overlaps another, in no environment."""
    vpcs = [plans["cluster", each]["module.vpc.terraform_data.arguments"]["input"] for each in ENVIRONMENTS]
    cidrs = [cidr for vpc in vpcs for tier in ("public", "private", "intra") for cidr in vpc[f"{tier}_subnets"]]
    assert all(vpc["azs"] == ZONES for vpc in vpcs) and len(cidrs) == 27
    networks = [ipaddress.ip_network(cidr) for cidr in cidrs]
    assert all(any(n.subnet_of(ipaddress.ip_network(vpc["cidr"])) for vpc in vpcs) for n in networks)
    assert not any(a.overlaps(b) for a in networks for b in networks if a is not b)


def test_nodes(told):
    """There is a private node in each zone at least, with an encrypted disk, its own rights kept from pods."""
    groups = told("eks")["eks_managed_node_groups"]
    assert {zone: group["subnet_ids"] for zone, group in groups.items()} == {z: [f"private-{z}"] for z in ZONES}
    assert not told("vpc")["map_public_ip_on_launch"]
    for group in groups.values():
        assert not {"network_interfaces", "remote_access"} & group.keys()
        # Names of roles have 64 characters at most; as a prefix of one, 38.
        assert len(group["iam_role_name"]) <= 64 and not group["iam_role_use_name_prefix"]
        assert 1 <= group["min_size"] <= group["max_size"]
        assert group["metadata_options"] == {"http_tokens": "required", "http_put_response_hop_limit": 1}
        assert group["block_device_mappings"]["root"]["ebs"]["encrypted"]


def test_who_reaches_the_cluster(terraform):
    """The API is opened to exactly the networks that are named; named roles administer, and not who creates it."""
    role = "arn:aws:iam::123456789012:role/platform"
    own = ['-var=api_public_cidrs=["203.0.113.7/32"]', '-var=api_private_cidrs=["10.8.0.0/16"]']
    plan = terraform.plan("cluster", "staging", *own, f'-var=admin_role_arns=["{role}"]')
    eks = plan["module.eks.terraform_data.arguments"]["input"]
    reached = [eks[f"endpoint_{each}"] for each in ("private_access", "public_access", "public_access_cidrs")]
    assert reached == [True, True, ["203.0.113.7/32"]]
    (rule,) = eks["security_group_additional_rules"].values()
    assert (rule["from_port"], rule["to_port"], rule["cidr_blocks"]) == (443, 443, ["10.8.0.0/16"])
    assert not eks["enable_cluster_creator_admin_permissions"]
    (entry,) = eks["access_entries"].values()
    assert entry["principal_arn"] == role
    assert entry["policy_associations"]["admin"]["policy_arn"].endswith("/AmazonEKSClusterAdminPolicy")


def test_what_is_kept(told, plans, environment):
    """Production keeps what holds data and has a store that stands by; the others go without a trace."""
    kept, plan, valkey = environment == "production", plans["cluster", environment], told("valkey")
    assert told("kms")["deletion_window_in_days"] == (30 if kept else 7)
    assert valkey["final_snapshot_identifier"] == ("crypto-rates-production-final" if kept else None)
    removable = [told(IMAGES)["repository_force_delete"], plan["module.backups.aws_s3_bucket.this"]["force_destroy"]]
    assert [valkey["apply_immediately"], *removable] == [not kept] * 3
    assert valkey["multi_az_enabled"] == valkey["automatic_failover_enabled"] == (valkey["num_cache_clusters"] > 1)
    assert valkey["num_cache_clusters"] >= 2 or not kept
    # What is no module's is under the environment's key, too, and the store has the one group of users.
    assert plan["aws_secretsmanager_secret.valkey"]["kms_key_id"] == KEY
    (rule,) = plan["module.backups.aws_s3_bucket_server_side_encryption_configuration.this"]["rule"]
    (default,) = rule["apply_server_side_encryption_by_default"]
    assert (default["sse_algorithm"], default["kms_master_key_id"]) == ("aws:kms", KEY)
    assert valkey["user_group_ids"] == [f"crypto-rates-{environment}"]


@pytest.mark.parametrize(("name", "policy"), RIGHTS.items())
def test_rights(plans, environment, name, policy):
    """Each controller gets the one policy that is made for it, on the one service account that its chart has."""
    plan = plans["platform", environment]
    told = plan[f'module.identity["{name}"].terraform_data.arguments']["input"]
    assert [key for key, value in told.items() if key.startswith("attach_") and value] == [f"attach_{policy}_policy"]
    release = plan[f"helm_release.{name.replace('-', '_')}"]
    (association,) = told["associations"].values()
    assert association["namespace"] == release["namespace"]
    assert association["service_account"] == name and f'"name": "{name}"' in release["values"][0]
    # Names of roles have 64 characters at most.
    assert len(told["name"]) <= 64
