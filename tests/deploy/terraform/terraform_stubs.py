"""Stand-ins for the community's modules, which are used themselves where the Terraform registry can be reached.

A stub takes what modules.json says that the module takes, keeps it where a plan shows it, and answers with
values that can be recognised. So the tests see what the modules are told, without the modules.
"""

import json
import shutil
from pathlib import Path

from record_modules import used

SOURCE = Path(__file__).resolve().parents[3] / "terraform"
ENVIRONMENTS = ("development", "staging", "production")
MODULES = json.loads((Path(__file__).parent / "modules.json").read_text())

# What a stub answers, by output.
ANSWERS = {
    "azs": "${var.azs}",
    "cluster_name": "${var.name}",
    "iam_role_arn": "arn:aws:iam::123456789012:role/${var.name}",
    "intra_route_table_ids": ["rtb-intra"],
    "intra_subnets": '${[for zone in var.azs : "intra-${zone}"]}',
    "key_arn": "arn:aws:kms:eu-central-1:123456789012:key/stub",
    "node_security_group_id": "sg-nodes",
    "private_route_table_ids": ["rtb-private"],
    "private_subnets": '${[for zone in var.azs : "private-${zone}"]}',
    "replication_group_primary_endpoint_address": "master.${var.replication_group_id}.example.org",
    "repository_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/${var.repository_name}",
    "vpc_id": "vpc-stub",
}


def stub(folder: Path, types: dict[str, str], outputs: list[str]) -> None:
    """Keeps what it is given as it comes, and in the module `typed` as the real one would take it."""
    (folder / "typed").mkdir(parents=True)
    given = {name: f"${{var.{name}}}" for name in types}
    kept = {"resource": {"terraform_data": {"arguments": {"input": given}}}}
    taken = {"variable": {name: {"type": type_, "default": None} for name, type_ in types.items()}}
    (folder / "typed/main.tf.json").write_text(json.dumps(kept | taken))
    anything = {"variable": {name: {"type": "any", "default": None} for name in types}}
    rest = {"module": {"typed": {"source": "./typed"} | given}}
    rest |= {"output": {name: {"value": ANSWERS[name]} for name in outputs}} if outputs else {}
    (folder / "main.tf.json").write_text(json.dumps(kept | anything | rest))


def copy(target: Path) -> Path:
    """terraform/ without what an engineer's own runs have left there."""
    left = shutil.ignore_patterns(".terraform", "*.tfstate*", "terraform.tfvars")
    return shutil.copytree(SOURCE, target / "terraform", ignore=left)


def with_stubs(terraform: Path) -> None:
    """Puts the stubs where `terraform init` looks for modules that it has fetched before."""
    for root in (path for path in terraform.iterdir() if list(path.glob("*.tf"))):
        entries = [{"Key": "", "Source": "", "Dir": "."}]
        for name, (source, version, _, _) in used(root).items():
            folder = Path(".terraform/modules", name, source.partition("//")[2])
            stub(root / folder, MODULES[source]["variables"], MODULES[source]["outputs"])
            address = f"registry.terraform.io/{source}"
            entries.append({"Key": name, "Source": address, "Version": version, "Dir": str(folder)})
        if len(entries) > 1:
            (root / ".terraform/modules/modules.json").write_text(json.dumps({"Modules": entries}))


def dropped(given: object, taken: object, path: str = "") -> list[str]:
    """Where something was given that is not in what was taken: Terraform drops it without a word."""
    if isinstance(given, dict):
        lost = [f"{path}.{name}" for name in given if not isinstance(taken, dict) or name not in taken]
        return lost or [w for name, value in given.items() for w in dropped(value, taken[name], f"{path}.{name}")]
    if isinstance(given, list):
        return [w for index, pair in enumerate(zip(given, taken)) for w in dropped(*pair, f"{path}[{index}]")]
    return []
