"""A copy of terraform/ for the tests, in which each of the community's modules is a stub.

A stub takes what modules.json says that the module takes, keeps it where a plan shows it, and answers with
values that can be recognised. So the tests see what the modules are told, without the modules.
"""

import json
import shutil
from pathlib import Path

from record_modules import used

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "staging", "production")
MODULES = json.loads((HERE / "modules.json").read_text())

# What a stub answers, by output: expressions over its variables.
ANSWERS = {
    "azs": "var.azs",
    "cluster_name": "var.name",
    "iam_role_arn": '"arn:aws:iam::123456789012:role/${var.name}"',
    "intra_route_table_ids": '["rtb-intra"]',
    "intra_subnets": '[for zone in var.azs : "intra-${zone}"]',
    "key_arn": '"arn:aws:kms:eu-central-1:123456789012:key/stub"',
    "node_security_group_id": '"sg-nodes"',
    "private_route_table_ids": '["rtb-private"]',
    "private_subnets": '[for zone in var.azs : "private-${zone}"]',
    "replication_group_primary_endpoint_address": '"master.${var.replication_group_id}.example.org"',
    "repository_url": '"123456789012.dkr.ecr.eu-central-1.amazonaws.com/${var.repository_name}"',
    "vpc_id": '"vpc-stub"',
}


def hcl(type_: object) -> str:
    """The type in Terraform's language; objects are taken as they come, so that nothing in them is lost."""
    if isinstance(type_, str):
        return type_
    if isinstance(type_, list) and isinstance(type_[1], str):
        return f"{type_[0]}({type_[1]})"
    return "any"


def stub(module: dict) -> str:
    variables = module["variables"]
    parts = [f'variable "{n}" {{\n  type = {hcl(t)}\n  default = null\n}}\n' for n, t in variables.items()]
    kept = "\n".join(f"    {name} = var.{name}" for name in variables)
    parts.append(f'resource "terraform_data" "arguments" {{\n  input = {{\n{kept}\n  }}\n}}\n')
    parts += [f'output "{name}" {{\n  value = {ANSWERS[name]}\n}}\n' for name in module["outputs"]]
    return "\n".join(parts)


def copy(source: Path, target: Path) -> None:
    """terraform/ without what an engineer's own runs have left there."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "terraform.tfvars"))


def with_stubs(terraform: Path) -> None:
    """Puts the stubs where `terraform init` looks for modules that it has fetched before."""
    for root in (path for path in terraform.iterdir() if list(path.glob("*.tf"))):
        fetched = root / ".terraform/modules"
        entries = [{"Key": "", "Source": "", "Dir": "."}]
        for name, (source, version, _, _) in used(root).items():
            submodule = source.partition("//")[2]
            folder = fetched / name / submodule
            folder.mkdir(parents=True)
            (folder / "main.tf").write_text(stub(MODULES[source]))
            entries.append(
                {
                    "Key": name,
                    "Source": f"registry.terraform.io/{source}",
                    "Version": version,
                    "Dir": str(folder.relative_to(root)),
                }
            )
        if len(entries) > 1:
            (fetched / "modules.json").write_text(json.dumps({"Modules": entries}))


def unknown_names(value: object, type_: object, path: str = "") -> list[str]:
    """Where a value has names that its type does not: Terraform drops them without a word."""
    if isinstance(type_, dict) and isinstance(value, dict):
        wrong = [f"{path}.{name}" for name in value.keys() - type_.keys()]
        for name in value.keys() & type_.keys():
            wrong += unknown_names(value[name], type_[name], f"{path}.{name}")
        return wrong
    if isinstance(type_, list) and isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [w for key, item in items for w in unknown_names(item, type_[1], f"{path}[{key}]")]
    return []
