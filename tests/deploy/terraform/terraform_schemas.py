"""Schemas of Terraform's providers, read from npm where the Terraform registry can't be reached.

The packages @cdktf/provider-* and @cdktn/provider-* are TypeScript made from the providers' own
schemas, and carry the sources inside their source maps. What can be read there is what `terraform
validate` and mocks need: names, types, nesting, and what is required, optional or computed.
"""

import base64
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

# provider: (npm package, its version, the provider's version that it describes)
PACKAGES = {
    "aws": ("@cdktn/provider-aws", "25.7.0", "6.66.0"),
    "helm": ("@cdktf/provider-helm", "12.1.2", "3.1.1"),
    "kubernetes": ("@cdktf/provider-kubernetes", "12.1.1", "2.38.0"),
    "random": ("@cdktn/provider-random", "15.0.1", "3.9.1"),
    "time": ("@cdktf/provider-time", "11.0.1", "0.13.1"),
    # Only the community's modules use these.
    "cloudinit": ("@cdktf/provider-cloudinit", "11.0.1", "2.3.7"),
    "null": ("@cdktf/provider-null", "11.0.1", "3.2.4"),
    "tls": ("@cdktf/provider-tls", "11.0.1", "4.1.0"),
}

SCALARS = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
GETTERS = {name.capitalize(): type_ for name, type_ in SCALARS.items()}
GETTERS |= {f"{name}Map": ["map", type_] for name, type_ in GETTERS.items()}
GETTERS |= {"List": ["list", "string"], "NumberList": ["list", "number"]}
KINDS = {"Resource": "resource", "DataSource": "data", "Provider": "provider"}

CLASS = re.compile(r"^export class (\w+) extends cdkt[fn]\.(\w+) \{\n(.*?)^\}", re.S | re.M)
INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", re.S | re.M)
MEMBER = re.compile(r"/\*\*((?:(?!\*/).)*#(\w+) [^}]*\}.*?)\*/\s*readonly \w+\??: ([^;]+);", re.S)
TO_HCL = re.compile(r"^export function (\w+)ToHclTerraform\(.*?^\}", re.S | re.M)
ATTRIBUTE = re.compile(
    r'^ +(\w+): \{\s*value: (.*?),\s*isBlock: (true|false),\s*type: "(\w+)",\s*storageClassType: "(\w+)",\s*\}',
    re.S | re.M,
)
FLAGS = re.compile(r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)")
GETTER = re.compile(r"this\.get(\w+)Attribute\('(\w+)'\)")
NESTED = re.compile(r'private _\w+ = new (\w+)\(this, "(\w+)"(?:, (true|false))?\)')


class Source:
    """One resource's TypeScript."""

    def __init__(self, text: str) -> None:
        self.classes = {m[1]: (m[2], m[3]) for m in CLASS.finditer(text)}
        self.interfaces = {m[1]: m[2] for m in INTERFACE.finditer(text)}
        self.functions = {m[1]: m[0] for m in TO_HCL.finditer(text)}

    def block(self, attributes: str, interface: str, cls: str) -> dict:
        """What may be written (from `attributes`) and what can only be read (from the class)."""
        members = {m[2]: (m[1], m[3]) for m in MEMBER.finditer(self.interfaces.get(interface, ""))}
        body = self.classes.get(cls, ("", ""))[1]
        flags = {name: [value == "true" for value in values] for name, *values in FLAGS.findall(body)}
        block = {"attributes": {}, "blocks": {}}
        for name, value, is_block, kind, storage in ATTRIBUTE.findall(attributes):
            use = dict(zip(("computed", "optional", "required"), flags.get(name, (False, True, False))))
            doc, typescript = members.get(name, ("", ""))
            function = re.search(r"(\w+)ToHclTerraform", re.sub(r"cdkt[fn]\.\w+", "", value))
            if is_block == "true" and function and function[1] in self.functions:
                base = re.sub(r"(List|Map)$", "", storage)
                base = base if base in self.interfaces else storage
                nested = self.block(self.functions[function[1]], base, f"{base}OutputReference")
                many = "[]" in typescript
                # The documentation of a real block says so; the others are attributes with a nested type.
                place = block["blocks"] if f"{name} block" in doc else block["attributes"]
                place[name] = nested | use | {"kind": kind if many or kind == "struct" else "list", "many": many}
            else:
                block["attributes"][name] = {"type": self.simple(storage, kind)} | use
        told = {name: {"type": type_, "computed": True} for name, type_ in self.computed(cls).items()}
        return block | {"attributes": {n: a for n, a in told.items() if n not in block["blocks"]} | block["attributes"]}

    @staticmethod
    def simple(storage: str, kind: str) -> object:
        """The type behind `stringList` and its like."""
        match = re.fullmatch(r"(string|number|boolean|any)(\w*)", storage)
        type_ = SCALARS[match[1]] if match else "dynamic"
        for wrapper in re.findall(r"List|Map", match[2]) if match else ():
            type_ = ["set" if wrapper == "List" and kind == "set" else wrapper.lower(), type_]
        return type_

    def computed(self, cls: str) -> dict:
        """What the class can only tell."""
        body = self.classes.get(cls, ("", ""))[1]
        found = {name: GETTERS.get(getter, "dynamic") for getter, name in GETTER.findall(body)}
        for nested, name, is_set in NESTED.findall(body):
            members = self.computed(re.sub(r"(List|OutputReference)$", "", nested) + "OutputReference")
            found[name] = ["object", members] if members else "dynamic"
            if nested.endswith("List") and members:
                found[name] = ["set" if is_set == "true" else "list", found[name]]
        return found

    def schemas(self) -> dict:
        """Those of the resource, data source or provider in this text, by kind and type."""
        result = {}
        for cls, (parent, body) in self.classes.items():
            kind = KINDS.get(parent.removeprefix("Terraform"))
            if kind and (type_ := re.search(r'tfResourceType = "(\w+)"', body)):
                attributes = body[body.index("synthesizeHclAttributes()") :]
                result[f"{kind} {type_[1]}"] = self.block(attributes, f"{cls}Config", cls)
        return result


def sources(package: Path, wanted: set[str]):
    """The TypeScript of the folders of the package that may hold what is wanted."""
    folders = {}
    with tarfile.open(package) as members:
        for member in members:
            folder, _, file = member.name.removeprefix("package/lib/").partition("/")
            if folder in wanted and file.endswith(".js"):
                text = members.extractfile(member).read().decode()
                if match := re.search(r"sourceMappingURL=data:application/json;base64,(\S+)", text):
                    folders.setdefault(folder, []).extend(json.loads(base64.b64decode(match[1]))["sourcesContent"])
    return ["\n".join(texts) for texts in folders.values()]


def folder(kind: str, type_: str) -> str:
    if kind == "provider":
        return kind
    name = type_.replace("_", "-")
    return f"data-{name}" if kind == "data" else name.partition("-")[2]


def load(provider: str, wanted: set[str], cache: Path) -> dict:
    """The schemas of `wanted` ("resource aws_vpc", "data aws_region"), and of the provider's own block."""
    package, version, _ = PACKAGES[provider]
    file = cache / f"{provider}-{version}.json"
    known = json.loads(file.read_text()) if file.is_file() else {}
    wanted = wanted | {f"provider {provider}"}
    if missing := wanted - known.keys():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            pack = ["npm", "pack", "--silent", f"{package}@{version}"]
            subprocess.run(pack, cwd=scratch, check=True, capture_output=True)
            (tarball,) = Path(scratch).glob("*.tgz")
            for text in sources(tarball, {folder(*name.split()) for name in missing}):
                known |= Source(text).schemas()
        file.write_text(json.dumps(known))
    return {name: known[name] for name in wanted if name in known}
