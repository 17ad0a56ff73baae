"""Whatever a value is, YAML takes it for what it is: text stays text, and a number has all its digits."""

import contextlib

import pytest
from rendered import Manifests, Refused, at
from switches import SAME, SWITCHES

#: What YAML takes for something else where it stands bare.
TEXTS = ["-", "on", "1e3", "null", "0x10", "a: b", "a #b"]
MILLION = 1_000_000
#: What becomes a name stands somewhere else then: of these it is seen only that YAML can be read.
NAMES = ["nameOverride", "fullnameOverride", "dashboards.label", "dashboards.folderAnnotation", "extraObjects"]


def replaced(value, text: str):
    """The value with that text in the place of every other."""
    if isinstance(value, dict):
        return {name: replaced(each, text) for name, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, text) for each in value]
    return text if isinstance(value, str) else value


def taken(new):
    """Each switch whose value is changed by `new` and not refused: what it is then, and what stands in its place."""
    for value, another, where, path, expected, besides in SWITCHES:
        if (other := new(another)) != another:
            with contextlib.suppress(Refused):
                manifests = Manifests({**besides, value: other})
                if value not in NAMES:
                    kind, _, suffix = where.partition(" ")
                    yield value, at(manifests.get(kind, suffix), path), other if expected is SAME else None


@pytest.mark.parametrize("text", TEXTS)
def test_text(text):
    """A text that YAML could take for something else arrives as it is, wherever the schema lets it in."""
    found = set()
    for value, there, expected in taken(lambda another: replaced(another, text)):
        if value.endswith(".storageClass") and text == "-":
            # As charts have it: no class at all, so none is made by the cluster.
            expected = ""
        assert text in str(there) if expected is None else there == expected, value
        found.add(value)
    assert {"persistence.storageClass", "valkey.image.registry", "dashboards.folder"} <= found


def test_numbers():
    """A large number is written with all its digits: a values file has it as a float, which Go writes as 1e+06."""
    found = {}
    for value, there, _ in taken(lambda another: MILLION if type(another) is int else another):
        found[value] = str(there)
    assert {"config.delistAfter", "terminationGracePeriodSeconds", "revisionHistoryLimit"} <= found.keys()
    assert set(found.values()) == {str(MILLION)}, found
