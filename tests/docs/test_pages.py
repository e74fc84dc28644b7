"""Links resolve, commands exist, and the two READMEs say the same."""

import re
import tomllib

import pytest

from tests.docs.pages import PAGES, READMES, ROOT, headings, links, rows, shell_lines, text
from wenyuan import __version__

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE))


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    found = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("page", PAGES)
def test_links_resolve(page: str) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        found = (ROOT / page).parent / path if path else ROOT / page
        assert found.exists(), f"{page} links to {target}"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(str(found.resolve().relative_to(ROOT))), f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text(page), re.MULTILINE))
    assert named <= TARGETS, f"{page} names {named - TARGETS}"


@pytest.mark.parametrize("target", ["demo", "test", "serve", "check", "fix", "lock"])
def test_the_readmes_name_the_targets_people_need(target: str) -> None:
    assert target in TARGETS
    for page in READMES:
        assert re.search(rf"^make {target}\b", text(page), re.MULTILINE), page


def test_the_two_commands_stand_on_the_first_screen() -> None:
    for page in READMES:
        head = text(page).splitlines()[:30]
        assert any(line.startswith("make demo") for line in head), page
        assert any(line.startswith("make test") for line in head), page


def test_the_readmes_have_the_same_sections() -> None:
    first, second = (headings(page) for page in READMES)
    assert first == second


def test_the_readmes_have_the_same_commands() -> None:
    first, second = (shell_lines(page) for page in READMES)
    assert first == second
    assert len(first) > 10


@pytest.mark.parametrize("headings_of_table", [("命令行", "Command line"), ("配置", "Configuration")])
def test_the_readmes_have_the_same_tables(headings_of_table: tuple[str, str]) -> None:
    first, second = (
        [row[0] for row in rows(page, heading)] for page, heading in zip(READMES, headings_of_table, strict=True)
    )
    assert first == second


def test_the_adrs_are_numbered_and_fit_a_page() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for path in records:
        body = path.read_text(encoding="utf-8")
        assert len(body.splitlines()) <= 60, path.name
        for part in ("Status:", "## Context", "## Decision", "## Consequences"):
            assert part in body, f"{path.name} lacks {part}"


def test_one_version() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert declared == __version__
    assert f"wenyuan-{declared}-" in text("deploy/README.md")
