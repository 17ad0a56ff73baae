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
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\w.-]+|[(){}\[\]=,:]')
CALL = re.compile(r'^module "([\w-]+)" \{\n(.*?)^\}', re.S | re.M)
VARIABLE = re.compile(r'^variable "([\w-]+)" \{\n(.*?)^\}', re.S | re.M)
CONSTRAINT = re.compile(r"^  type *= *(.*?)(?=^  \w+ *=|^  validation|\Z)", re.S | re.M)


class Type:
    """A type constraint, read: "string", ["list", T], or {attribute: T} for an object."""

    def __init__(self, text: str) -> None:
        self.tokens = TOKEN.findall(re.sub(r"#.*", "", text))

    def take(self, expected: str | None = None) -> str:
        token = self.tokens.pop(0)
        assert expected in (None, token), f"{token} where {expected} should be"
        return token

    def read(self):
        name = self.take()
        if name in ("string", "number", "bool", "any"):
            return name
        self.take("(")
        if name == "object":
            result = self.members()
        elif name == "optional":
            result = self.read()
            self.skip_default()
        else:
            result = [name, self.read()]
        self.take(")")
        return result

    def members(self) -> dict:
        result = {}
        self.take("{")
        while self.tokens[0] != "}":
            name = self.take()
            self.take("=")
            result[name] = self.read()
            if self.tokens[0] == ",":
                self.take()
        self.take("}")
        return result

    def skip_default(self) -> None:
        depth = 0
        while depth or self.tokens[0] != ")":
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(self.take(), 0)


def setting(body: str, name: str) -> str | None:
    match = re.search(rf'^ *{name} *= *"([^"]+)"', body, re.M)
    return match[1] if match else None


def used(root: Path) -> dict:
    """By source: the arguments and outputs that a root uses."""
    text = "\n".join(file.read_text() for file in sorted(root.glob("*.tf")))
    tests = "\n".join(file.read_text() for file in sorted(root.glob("tests/*.tftest.hcl")))
    found = {}
    for name, body in CALL.findall(text):
        source, version = setting(body, "source"), setting(body, "version")
        if version:
            arguments = set(re.findall(r"^  (\w+) *=", body, re.M)) - {"source", "version", "for_each", "depends_on"}
            outputs = set(re.findall(rf"module\.{name}(?:\[[^\]]+\])?\.(\w+)", text + tests))
            found[name] = (source, version, arguments, outputs)
    return found


def main(terraform: Path) -> None:
    record = {}
    for root in sorted(path for path in terraform.iterdir() if (path / ".terraform/modules/modules.json").is_file()):
        fetched = json.loads((root / ".terraform/modules/modules.json").read_text())["Modules"]
        folders = {module["Key"]: root / module["Dir"] for module in fetched}
        for name, (source, version, arguments, outputs) in used(root).items():
            text = "\n".join(file.read_text() for file in sorted(folders[name].glob("*.tf")))
            types = {
                variable: Type(CONSTRAINT.search(body)[1]).read()
                for variable, body in VARIABLE.findall(text)
                if variable in arguments
            }
            there = set(re.findall(r'^output "(\w+)"', text, re.M))
            assert arguments <= types.keys(), f"{source} {version} does not take {arguments - types.keys()}"
            assert outputs <= there, f"{source} {version} does not tell {outputs - there}"
            entry = record.setdefault(source, {"version": version, "variables": {}, "outputs": []})
            entry["variables"] |= types
            entry["outputs"] = sorted({*entry["outputs"], *outputs})
    lines = []
    for source, entry in sorted(record.items()):
        variables = ",\n".join(f"      {json.dumps(n)}: {json.dumps(t)}" for n, t in sorted(entry["variables"].items()))
        lines.append(
            f"  {json.dumps(source)}: {{\n"
            f'    "version": {json.dumps(entry["version"])},\n'
            f'    "outputs": {json.dumps(entry["outputs"])},\n'
            f'    "variables": {{\n{variables}\n    }}\n  }}'
        )
    (HERE / "modules.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "terraform")
