"""Stand-ins for Terraform's providers, in whose place the registry's own are used where it can be reached.

They have a schema and nothing else, and are served to Terraform from inside the tests.

`terraform validate`, and `terraform test` with mocks, ask a provider for its schema and no more (and an
ephemeral resource, which Terraform can't mock, for its value). This answers them where the real providers
can't be downloaded: one small gRPC server for each provider, which Terraform is told of by
TF_REATTACH_PROVIDERS. **They are not the providers**: nothing checks what a provider itself would check,
such as the form of an ARN or which arguments exclude each other.

The protocol's few messages are written by hand: Terraform's plugin protocol 6, file tfplugin6.proto.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import msgpack

# The npm packages do not describe ephemeral resources: this one is from the provider's documentation.
EPHEMERAL = {
    "random": {
        "random_password": {
            "required": {"length": "number"},
            "optional": dict.fromkeys(("lower", "numeric", "special", "upper"), "bool") | {"override_special": "string"},
            "computed": {"bcrypt_hash": "string", "result": "string"},
        }
    },
}

NESTING = {"struct": 1, "list": 2, "set": 3, "map": 4}


def field(number: int, value: bytes | str | int) -> bytes:
    """A protobuf field: a length-delimited one for bytes and text, a varint for a number."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value: int) -> bytes:
    result = b""
    while value > 0x7F:
        result += bytes([value & 0x7F | 0x80])
        value >>= 7
    return result + bytes([value])


def fields(message: bytes) -> dict[int, bytes]:
    """The length-delimited fields of a short message."""
    found = {}
    while message:
        length, start = 0, 1
        while True:
            length |= (message[start] & 0x7F) << 7 * (start - 1)
            start += 1
            if message[start - 1] < 0x80:
                break
        found[message[0] >> 3] = message[start : start + length]
        message = message[start + length :]
    return found


def open_password(request: bytes, _context: object) -> bytes:
    """The configuration that was sent, with a value for what `random_password` computes."""
    config = msgpack.unpackb(fields(fields(request)[2])[1])
    computed = {"result": "made-by-the-standin", "bcrypt_hash": ""}
    return field(3, field(1, msgpack.packb(config | computed)))


def object_type(nested: dict) -> list:
    members = nested["attributes"] | nested["blocks"]
    return ["object", {n: m["type"] if "type" in m else [m["kind"], object_type(m)] for n, m in members.items()}]


def attribute(name: str, a: dict, legacy: bool = True) -> bytes:
    message = field(1, name)
    if "type" in a:
        message += field(2, json.dumps(a["type"]))
    elif legacy and a["kind"] in ("list", "set"):
        # Terraform then takes blocks for it, too, as it does with these providers' older resources.
        message += field(2, json.dumps([a["kind"], object_type(a)]))
    else:
        members = b"".join(field(1, attribute(n, m, legacy)) for n, m in (a["attributes"] | a["blocks"]).items())
        nesting = "struct" if a["kind"] == "list" and not a["many"] else a["kind"]
        message += field(10, members + field(3, NESTING[nesting]))
    message += field(4, bool(a.get("required"))) + field(5, bool(a.get("optional"))) + field(6, bool(a.get("computed")))
    # Write-only arguments are known by their name.
    return message + field(11, name.endswith("_wo"))


def block(b: dict, legacy: bool = True) -> bytes:
    message = b"".join(field(2, attribute(n, a, legacy)) for n, a in sorted(b["attributes"].items()))
    for name, nested in sorted(b["blocks"].items()):
        bounded = nested["kind"] in ("list", "set")
        message += field(
            3,
            field(1, name)
            + field(2, block(nested, legacy))
            + field(3, NESTING[nested["kind"]])
            + field(4, int(bounded and nested["required"]))
            + field(5, int(bounded and not nested["many"])),
        )
    return message


def schema(b: dict, legacy: bool = True) -> bytes:
    return field(2, block(b, legacy))


def ephemeral(arguments: dict) -> dict:
    return {
        "attributes": {
            name: {"type": type_, kind: True} for kind, members in arguments.items() for name, type_ in members.items()
        },
        "blocks": {},
    }


def answer(provider: str, schemas: dict) -> bytes:
    """The GetProviderSchema.Response."""
    # helm is written with the newer framework, where an attribute can have attributes.
    legacy = provider != "helm"
    own = schemas[f"provider {provider}"]
    own["attributes"].pop("alias", None)
    message = field(1, schema(own, legacy))
    for number, kind in ((2, "resource"), (3, "data")):
        for name, found in sorted(schemas.items()):
            if name.startswith(f"{kind} "):
                message += field(number, field(1, name.partition(" ")[2]) + field(2, schema(found, legacy)))
    for name, arguments in EPHEMERAL.get(provider, {}).items():
        message += field(8, field(1, name) + field(2, schema(ephemeral(arguments))))
    # The community's modules tell AWS their name in a provider_meta block.
    meta = {"attributes": {"user_agent": {"type": ["list", "string"], "optional": True}}, "blocks": {}}
    return message + field(5, schema(meta))


class Providers:
    """The servers; `environment` is what Terraform must be given to find them."""

    def __init__(self, schemas: dict[str, dict], folder: Path) -> None:
        self.servers = []
        reattach = {}
        for provider, found in schemas.items():
            socket = folder / f"{provider}.sock"
            self.servers.append(self.serve(answer(provider, found), socket))
            reattach[f"registry.terraform.io/hashicorp/{provider}"] = {
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": os.getpid(),
                "Test": True,
                "Addr": {"Network": "unix", "String": str(socket)},
            }
        self.environment = {"TF_REATTACH_PROVIDERS": json.dumps(reattach)}

    @staticmethod
    def serve(response: bytes, socket: Path) -> grpc.Server:
        def rpc(message: bytes):
            return grpc.unary_unary_rpc_method_handler(lambda _request, _context: message)

        validated = (f"Validate{kind}Config" for kind in ("Provider", "Resource", "DataResource", "EphemeralResource"))
        others = "CloseEphemeralResource ConfigureProvider GetFunctions GetResourceIdentitySchemas StopProvider"
        methods = dict.fromkeys([*validated, *others.split()], rpc(b""))
        methods["GetProviderSchema"] = rpc(response)
        # Only `random` is ever asked: the others are mocked.
        methods["OpenEphemeralResource"] = grpc.unary_unary_rpc_method_handler(open_password)
        server = grpc.server(ThreadPoolExecutor(max_workers=4))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tfplugin6.Provider", methods),))
        server.add_insecure_port(f"unix://{socket}")
        server.start()
        return server

    def stop(self) -> None:
        for server in self.servers:
            server.stop(grace=None)
