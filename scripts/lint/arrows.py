#!/usr/bin/env python3
"""Fails if a `use` in src/ runs against the direction of the house, or if files use each other in a circle.

Usage: scripts/lint/arrows.py [SRC]

The rooms stand in their order: a room may use those before it. It reads `use` declarations and
`crate::` paths as text; what stands under #[cfg(test)] is left out.
"""

import pathlib
import re
import sys

ROOMS = """
query words language rates alerts tasks backoff store sources webhook metrics cache history published assets config logging
health_check state test_support server_fn app cluster refresh alerting http server main lib
""".split()

SRC = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")


def module_of(path):
    """`src/http/api/mod.rs` → `("http", "api")`."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return parts[:-1] if parts[-1] == "mod" else parts


def code_of(path):
    """The code without comments, texts and tests."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    text = re.split(r"#\[cfg\((?:all\()?test\b[^\n]*\n(?:#\[[^\n]*\n)*(?:pub )?mod \w+ \{", text)[0]
    return re.sub(r'r#".*?"#|"(?:[^"\\]|\\.)*"', '""', text, flags=re.S)


def leaves(tree, prefix=()):
    """The paths of a use-tree: `a::{b, c::D as E}` → `a::b`, `a::c::D`, each with the name it is known by."""
    tree = tree.strip()
    head, brace, rest = tree.partition("{")
    if not brace:
        path, _, alias = tree.partition(" as ")
        path = prefix + tuple(part.strip() for part in path.split("::"))
        path = path[:-1] if path[-1] == "self" and len(path) > 1 else path
        yield path, alias.strip() or path[-1]
        return
    prefix += tuple(part.strip() for part in head.split("::") if part.strip())
    depth, start, inner = 0, 0, rest[: rest.rindex("}")]
    for index, char in enumerate(inner + ","):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            if inner[start:index].strip():
                yield from leaves(inner[start:index], prefix)
            start = index + 1


MODULES = {module_of(path): path for path in sorted(SRC.rglob("*.rs"))}


def absolute(path, module):
    """A path from the crate's root; `None` for one of another crate."""
    if path[0] == "crate":
        return path[1:]
    if path[0] == "self":
        return module + path[1:]
    ups = 0
    while ups < len(path) and path[ups] == "super":
        ups += 1
    if ups:
        return module[: len(module) - ups] + path[ups:]
    return module + path if module + path[:1] in MODULES else None


def declarations(module):
    """All paths that a file names: from `use`, and written out. Yields path, name, and whether it is passed on."""
    code = code_of(MODULES[module])
    for passed_on, tree in re.findall(r"\b(pub(?:\([a-z ]+\))? )?use ([^;]+);", code):
        for path, name in leaves(tree):
            path = absolute(path, module)
            if path is not None:
                yield path, name, bool(passed_on)
    code = re.sub(r"\buse [^;]+;", "", code)
    for path in re.findall(r"\b(?:crate|super)(?:::\w+)+", code):
        path = absolute(tuple(path.split("::")), module)
        if path is not None:
            yield path, "", False


PASSED_ON = {
    module + (name,): path
    for module in MODULES
    for path, name, passed_on in declarations(module)
    if passed_on and name != "*"
}


def file_of(path):
    """The module that a path leads to, through whatever passes it on."""
    while path in PASSED_ON and PASSED_ON[path] != path:
        path = PASSED_ON[path]
    for length in range(len(path), -1, -1):
        shorter = path[:length]
        if shorter in MODULES:
            return shorter
        if length < len(path) and shorter in PASSED_ON:
            return file_of(PASSED_ON[shorter] + path[length:])
    return None


def arrows():
    found = {}
    for module in MODULES:
        for path, _, passed_on in declarations(module):
            target = file_of(path)
            if target is not None and target != module and not passed_on:
                found.setdefault(module, set()).add(target)
    return found


def circles(found):
    """Sets of files that use each other, by Tarjan's algorithm."""
    index, low, stack, result = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in found.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            circle = [stack.pop()]
            while circle[-1] != node:
                circle.append(stack.pop())
            if len(circle) > 1:
                result.append(sorted(circle))

    for node in MODULES:
        if node not in index:
            visit(node)
    return result


def main():
    found, wrong = arrows(), []
    for module, targets in found.items():
        for target in targets:
            rooms = [(path or ("lib",))[0] for path in (module, target)]
            unknown = [room for room in rooms if room not in ROOMS]
            if unknown:
                wrong.append(f"{MODULES[module]}: the room {unknown[0]} is not in the list of this check")
            elif ROOMS.index(rooms[0]) < ROOMS.index(rooms[1]):
                wrong.append(f"{MODULES[module]} uses {MODULES[target]}: {rooms[0]} may not use {rooms[1]}")
    for circle in circles(found):
        wrong.append("use each other in a circle: " + ", ".join(str(MODULES[module]) for module in circle))
    print(*sorted(set(wrong)), sep="\n", file=sys.stderr, end="\n" if wrong else "")
    count = sum(map(len, found.values()))
    print(f"{len(MODULES)} files, {count} arrows, {len(wrong)} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
