"""Stand-ins for Terraform's providers, in whose place the registry's own are used where it can be reached.

`terraform validate`, and `terraform test` with mocks, ask a provider for its schema and no more (and an ephemeral
resource, which Terraform can't mock, for its value). One small gRPC server for each provider answers that, which
Terraform is told of by TF_REATTACH_PROVIDERS. **They are not the providers**: nothing checks what a provider itself
would check, such as the form of an ARN or which arguments exclude each other.

The protocol's few messages are written by hand: Terraform's plugin protocol 6, file tfplugin6.proto.
"""

import contextlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import msgpack

# The npm packages do not describe ephemeral resources: this one is from the provider's documentation.
PASSWORD = {
    "length": {"type": "number", "required": True},
    **dict.fromkeys(("lower", "numeric", "special", "upper"), {"type": "bool", "optional": True}),
    "override_special": {"type": "string", "optional": True},
    **dict.fromkeys(("bcrypt_hash", "result"), {"type": "string", "computed": True}),
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
        end = next(place for place, byte in enumerate(message) if place and byte < 0x80) + 1
        length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(message[1:end]))
        found[message[0] >> 3] = message[end : end + length]
        message = message[end + length :]
    return found


def open_password(request: bytes, _context: object) -> bytes:
    """The configuration that was sent, with a value for what `random_password` computes."""
    config = msgpack.unpackb(fields(fields(request)[2])[1])
    computed = {"result": "made-by-the-standin", "bcrypt_hash": ""}
    return field(3, field(1, msgpack.packb(config | computed)))


def object_type(nested: dict) -> list:
    members = nested["attributes"] | nested["blocks"]
    return ["object", {n: m["type"] if "type" in m else [m["kind"], object_type(m)] for n, m in members.items()}]


def attribute(name: str, a: dict, legacy: bool) -> bytes:
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


def schema(b: dict, legacy: bool = True) -> bytes:
    """A Schema; its one field of use is the block."""
    return field(2, block(b, legacy))


def block(b: dict, legacy: bool) -> bytes:
    message = b"".join(field(2, attribute(n, a, legacy)) for n, a in sorted(b["attributes"].items()))
    for name, nested in sorted(b["blocks"].items()):
        bounded = nested["kind"] in ("list", "set")
        inner = field(1, name) + field(2, block(nested, legacy)) + field(3, NESTING[nested["kind"]])
        least, most = int(bounded and nested["required"]), int(bounded and not nested["many"])
        message += field(3, inner + field(4, least) + field(5, most))
    return message


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
    if provider == "random":
        message += field(8, field(1, "random_password") + field(2, schema({"attributes": PASSWORD, "blocks": {}})))
    # The community's modules tell AWS their name in a provider_meta block.
    meta = {"attributes": {"user_agent": {"type": ["list", "string"], "optional": True}}, "blocks": {}}
    return message + field(5, schema(meta))


@contextlib.contextmanager
def served(schemas: dict[str, dict], folder: Path):
    """Runs a server for each provider; yields the variables by which Terraform finds them."""
    sockets = {provider: str(folder / f"{provider}.sock") for provider in schemas}
    servers = [serve(answer(name, schemas[name]), socket) for name, socket in sockets.items()]
    common = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True}
    reattach = {
        f"registry.terraform.io/hashicorp/{name}": common | {"Addr": {"Network": "unix", "String": socket}}
        for name, socket in sockets.items()
    }
    yield {"TF_REATTACH_PROVIDERS": json.dumps(reattach)}
    for server in servers:
        server.stop(grace=None)


def serve(response: bytes, socket: str) -> grpc.Server:
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
