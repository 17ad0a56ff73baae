"""The project's Markdown, taken apart: headings, links, blocks of code."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[3]
#: What a checkout has that is not the project's.
FOREIGN = {"node_modules", "target", ".git", ".pytest_cache"}


@dataclass(frozen=True)
class Fence:
    """A block of code."""

    #: The words after the backquotes: the language, and what a check is to do with it.
    info: list[str]
    text: str
    line: int


@dataclass(frozen=True)
class Link:
    target: str
    line: int


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self):
        return str(self.path.relative_to(ROOT)) if self.path.is_relative_to(ROOT) else str(self.path)

    @cached_property
    def _tokens(self):
        return MarkdownIt("commonmark").enable("table").parse(self.path.read_text())

    @cached_property
    def fences(self) -> list[Fence]:
        return [
            Fence(token.info.split(), token.content, token.map[0] + 1)
            for token in self._tokens
            if token.type == "fence"
        ]

    def _inline(self):
        """What stands in a line, with its line."""
        for token in self._tokens:
            if token.type == "inline":
                for child in token.children:
                    yield child, (token.map or [0])[0] + 1

    @cached_property
    def links(self) -> list[Link]:
        return [
            Link(child.attrs["href" if child.type == "link_open" else "src"], line)
            for child, line in self._inline()
            if child.type in ("link_open", "image")
        ]

    @cached_property
    def spans(self) -> list[tuple[str, int]]:
        """Code within a line."""
        return [(child.content, line) for child, line in self._inline() if child.type == "code_inline"]

    @cached_property
    def anchors(self) -> set[str]:
        """The headings' names in an address, as GitHub makes them."""
        anchors, seen = set(), {}
        for at, token in enumerate(self._tokens):
            if token.type == "heading_open":
                parts = self._tokens[at + 1].children
                text = "".join(part.content for part in parts if part.type in ("text", "code_inline"))
                name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
                count = seen.get(name, 0)
                seen[name] = count + 1
                anchors.add(f"{name}-{count}" if count else name)
        return anchors


def pages() -> list[Page]:
    """Every page of the project."""
    found = (path for path in sorted(ROOT.rglob("*.md")) if not FOREIGN & set(path.relative_to(ROOT).parts))
    return [Page(path) for path in found]
