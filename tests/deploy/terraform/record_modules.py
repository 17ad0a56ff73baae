"""Writes modules.json: what the configuration uses of the community's modules, with their types.

Usage: record_modules.py [FOLDER]
  FOLDER  a copy of terraform/ in which `terraform init` has fetched the modules; default: terraform/

Run it when a module's version or what is given to it changes, where the Terraform registry can be
reached. The tests take the record in the place of the modules where it can't.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CALL = re.compile(r'^module "([\w-]+)" \{\n(.*?)^\}', re.S | re.M)
VARIABLE = re.compile(r'^variable "([\w-]+)" \{\n(.*?)^\}', re.S | re.M)
TYPE = re.compile(r"^  type *= *(.*?)(?=^  \w+ *=|^  validation|\Z)", re.S | re.M)


def used(root: Path) -> dict:
    """By name: source and version, and the arguments and outputs that a root uses."""
    text = "\n".join(file.read_text() for file in sorted([*root.glob("*.tf"), *root.glob("tests/*.tftest.hcl")]))
    found = {}
    for name, body in CALL.findall(text):
        if version := re.search(r'^  version *= *"([^"]+)"', body, re.M):
            source = re.search(r'^  source *= *"([^"]+)"', body, re.M)[1]
            arguments = set(re.findall(r"^  (\w+) *=", body, re.M)) - {"source", "version", "for_each", "depends_on"}
            outputs = set(re.findall(rf"module\.{name}(?:\[[^\]]+\])?\.(\w+)", text))
            found[name] = (source, version[1], arguments, outputs)
    return found


def main(terraform: Path) -> None:
    record = {}
    for root in sorted(path for path in terraform.iterdir() if (path / ".terraform/modules/modules.json").is_file()):
        fetched = json.loads((root / ".terraform/modules/modules.json").read_text())["Modules"]
        folders = {module["Key"]: root / module["Dir"] for module in fetched}
        for name, (source, version, arguments, outputs) in used(root).items():
            text = "\n".join(file.read_text() for file in sorted(folders[name].glob("*.tf")))
            types = {n: re.sub(r"#.*", "", TYPE.search(body)[1]).strip() for n, body in VARIABLE.findall(text)}
            there = set(re.findall(r'^output "(\w+)"', text, re.M))
            assert arguments <= types.keys(), f"{source} {version} does not take {arguments - types.keys()}"
            assert outputs <= there, f"{source} {version} does not tell {outputs - there}"
            entry = record.setdefault(source, {"version": version, "variables": {}, "outputs": []})
            entry["variables"] |= {argument: types[argument] for argument in arguments}
            entry["outputs"] = sorted({*entry["outputs"], *outputs})
    (HERE / "modules.json").write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "terraform")
