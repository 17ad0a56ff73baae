"""In the place of a cluster's own decoder: what helm writes as protobuf, namespaces and the Secrets of releases.

Numbers of fields are those of generated.proto in k8s.io/api and k8s.io/apimachinery.
"""

import base64
from collections.abc import Iterator


def decoded(body: bytes) -> dict:
    """The object in a runtime.Unknown, after its mark of four bytes."""
    unknown = dict(fields(body[4:]))
    kind = dict(fields(unknown[1]))[2].decode()
    found: dict = {"kind": kind, "apiVersion": "v1", "metadata": {}}
    for number, value in fields(unknown[2]):
        if number == 1:
            found["metadata"] = metadata(value)
        elif kind == "Secret" and number == 2:
            name, data = pair(value)
            found.setdefault("data", {})[name] = base64.b64encode(data).decode()
        elif kind == "Secret" and number == 3:
            found["type"] = value.decode()
    return found


def metadata(raw: bytes) -> dict:
    found: dict = {"labels": {}}
    for number, value in fields(raw):
        if number in (1, 3):
            found["name" if number == 1 else "namespace"] = value.decode()
        elif number == 11:
            name, label = pair(value)
            found["labels"][name] = label.decode()
    return found


def pair(raw: bytes) -> tuple[str, bytes]:
    entry = dict(fields(raw))
    return entry[1].decode(), entry.get(2, b"")


def fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Each field's number and value; what is a number has none of interest."""
    at = 0
    while at < len(raw):
        tag, at = varint(raw, at)
        match tag & 7:
            case 0:
                _, at = varint(raw, at)
                continue
            case 1 | 5 as fixed:
                at += 8 if fixed == 1 else 4
                continue
        size, at = varint(raw, at)
        yield tag >> 3, raw[at : at + size]
        at += size


def varint(raw: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = raw[at]
        result |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return result, at
