"""The project's Markdown, taken apart: headings, links, blocks of code."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[3]
#: What a checkout has that is not the project's.
FOREIGN = {"node_modules", "target", ".git", ".pytest_cache"}


class Fence(NamedTuple):
    """A block of code, with the words after its backquotes: the language, and what a check is to do with it."""

    info: list[str]
    text: str
    line: int


class Link(NamedTuple):
    target: str
    line: int


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self):
        return str(self.path.relative_to(ROOT))

    @cached_property
    def _tokens(self):
        return MarkdownIt("commonmark").enable("table").parse(self.path.read_text())

    @cached_property
    def fences(self) -> list[Fence]:
        found = (token for token in self._tokens if token.type == "fence")
        return [Fence(token.info.split(), token.content, token.map[0] + 1) for token in found]

    @cached_property
    def _inline(self):
        """What stands in a line, with its line."""
        found = (token for token in self._tokens if token.type == "inline")
        return [(child, (token.map or [0])[0] + 1) for token in found for child in token.children]

    @cached_property
    def links(self) -> list[Link]:
        attribute = {"link_open": "href", "image": "src"}
        return [Link(each.attrs[attribute[each.type]], line) for each, line in self._inline if each.type in attribute]

    @cached_property
    def spans(self) -> list[tuple[str, int]]:
        """Code within a line."""
        return [(each.content, line) for each, line in self._inline if each.type == "code_inline"]

    @cached_property
    def anchors(self) -> set[str]:
        """The headings' names in an address, as GitHub makes them."""
        anchors, seen = set(), Counter()
        for heading, inline in zip(self._tokens, self._tokens[1:]):
            if heading.type == "heading_open":
                text = "".join(part.content for part in inline.children if part.type in ("text", "code_inline"))
                name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
                anchors.add(f"{name}-{seen[name]}" if seen[name] else name)
                seen[name] += 1
        return anchors


def pages() -> list[Page]:
    """Every page of the project."""
    return [Page(path) for path in sorted(ROOT.rglob("*.md")) if not FOREIGN & set(path.relative_to(ROOT).parts)]
