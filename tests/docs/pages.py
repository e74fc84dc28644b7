"""Reads the project's pages: headings, links, fenced commands, tables."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.en.md")
PAGES = tuple(
    sorted(
        str(path.relative_to(ROOT))
        for pattern in ("*.md", "docs/**/*.md", "deploy/*.md", "benchmarks/*.md")
        for path in ROOT.glob(pattern)
    )
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def text(page: str) -> str:
    """Return a page as it stands."""
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", text(page))


def headings(page: str) -> list[str]:
    """Return the marks of the headings in order: ``##``, ``###`` …"""
    return re.findall(r"^(#+) ", prose(page), re.MULTILINE)


def links(page: str) -> list[str]:
    """Return the targets of links that are not addresses on the web."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]


def shell_lines(page: str) -> list[str]:
    """Return the commands of the ``sh`` blocks: comments and the words of people taken out."""
    found = []
    for language, block in FENCE.findall(text(page)):
        if language == "sh":
            lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in block.splitlines())
            found += [re.sub(r'("(?:title|content)":|--title |ask )"[^"]*"', r"\1…", line) for line in lines if line]
    return found


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below the heading that contains ``heading``, its head left out."""
    body = re.split(r"^#+ ", text(page), flags=re.MULTILINE)
    section = next(part for part in body if part.splitlines() and heading in part.splitlines()[0])
    table = re.search(r"^\|.*(?:\n\|.*)+", section, re.MULTILINE)
    assert table, f"{page}: no table below {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group().splitlines()[2:]]
