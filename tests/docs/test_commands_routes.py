"""The documented commands and routes are those that exist, both ways."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.app import create_app
from tests.docs.pages import READMES, ROOT, rows, shell_lines, text
from wenyuan.settings import Settings

METHODS = "GET|POST|PUT|PATCH|DELETE"


def offered(*group: str) -> set[str]:
    """The commands that ``wenyuan [group] --help`` lists."""
    wenyuan = Path(sys.executable).parent / "wenyuan"
    plain = os.environ | {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    run = subprocess.run([wenyuan, *group, "--help"], env=plain, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = run.stdout.partition("Commands")[2]
    return set(re.findall(r"^\W*([a-z][a-z-]*)\s{2,}\S", listed, re.MULTILINE))


@pytest.mark.parametrize(("page", "heading"), list(zip(READMES, ("命令行", "Command line"), strict=True)))
def test_the_readmes_list_every_command(page: str, heading: str) -> None:
    documented = {row[0].strip("`").removeprefix("wenyuan ") for row in rows(page, heading)}
    assert documented == offered()


def test_the_subcommands_in_examples_exist() -> None:
    lines = [line for page in READMES for line in shell_lines(page)]
    used = {tuple(match) for line in lines for match in re.findall(r"bin/wenyuan (tokens|spaces) (\w+)", line)}
    assert used
    for group, command in used:
        assert command in offered(group)


def test_the_api_page_lists_every_route() -> None:
    found = re.findall(rf"`({METHODS}) (/\S+?)`", text("docs/api.md"))
    documented = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in found}
    described = create_app(Settings()).openapi()["paths"]
    existing = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, methods in described.items() for method in methods
    }
    assert documented == existing
