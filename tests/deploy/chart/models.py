"""Objects that are not Kubernetes's own, held against models made of their real definitions (npm, package.json).

TypeScript refuses names that a definition does not know, and the models' own validation what is out of bounds.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

MODULES = Path(__file__).parent / "node_modules"
PACKAGES = {
    "argoproj.io": "argo-cd",
    "external-secrets.io": "external-secrets",
    "helm.toolkit.fluxcd.io": "flux-cd",
    "source.toolkit.fluxcd.io": "flux-cd",
    "gateway.networking.k8s.io": "gateway-api",
    "monitoring.coreos.com": "prometheus-operator",
    "traefik.io": "traefik",
}
VALIDATION = """
import { readFileSync } from "node:fs";
const told = [];
for (const { model, document } of JSON.parse(readFileSync(0))) {
  const { [document.kind]: Model } = await import(model);
  try { new Model(document).validate() } catch (error) { told.push(`${document.kind}: ${error}`) }
}
console.log(JSON.stringify(told))
"""


def is_known(document: dict[str, Any]) -> bool:
    return document["apiVersion"].partition("/")[0] in PACKAGES


def problems(documents: list[dict[str, Any]], scratch: Path) -> list[str]:
    """What is wrong with them."""
    asked, lines = [], []
    for number, each in enumerate(documents):
        package = PACKAGES[each["apiVersion"].partition("/")[0]]
        model = f"{MODULES}/@kubernetes-models/{package}/{each['apiVersion']}/{each['kind']}.js"
        asked.append({"model": model, "document": each})
        lines.append(f'import type {{ I{each["kind"]} as I{number} }} from "{model}";')
        lines.append(f"export const document{number}: I{number} = {json.dumps(each)};")
    (scratch / "documents.ts").write_text("\n".join(lines))
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler"]
    command = [MODULES / ".bin/tsc", *options, scratch / "documents.ts"]
    types = subprocess.run(command, cwd=MODULES.parent, text=True, capture_output=True, timeout=120)
    found = [line for line in types.stdout.splitlines() if line.strip()]
    assert not types.stderr and (types.returncode == 0) == (not found), types
    node = ["node", "--input-type=module", "--eval", VALIDATION]
    checked = subprocess.run(node, input=json.dumps(asked), text=True, capture_output=True, timeout=60, check=True)
    return found + json.loads(checked.stdout)
