"""Every setting is documented with its default, and every documented setting exists."""

import re
from typing import Any

import pytest
from pydantic import BaseModel

from tests.docs.pages import PAGES, READMES, rows, text
from wenyuan.settings import Settings

# Read by the tests and by the command line, not by the service.
OTHER_VARIABLES = {
    "WENYUAN_BACKUP_PASSPHRASE",
    "WENYUAN_TEST_EXAMPLES",
    "WENYUAN_TEST_NO_SKIP",
    "WENYUAN_TEST_REGENERATE_GOLDEN",
    "WENYUAN_TOKEN",
    "WENYUAN_URL",
}


def settings(model: type[BaseModel] = Settings, prefix: str = "") -> dict[str, Any]:
    """Dotted key to default of every setting."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= settings(field.annotation, f"{prefix}{name}.")
        else:
            found[prefix + name] = field.default
    return found


def shown(default: object) -> str:
    """A default as the tables show it."""
    if default is None:
        return "–"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def variable(key: str) -> str:
    return "WENYUAN_" + key.upper().replace(".", "__")


def test_the_reference_lists_every_setting_with_its_default() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows("docs/configuration.md", "Configuration")}
    assert documented == {key: shown(default) for key, default in settings().items()}


def test_the_reference_explains_in_both_languages() -> None:
    for row in rows("docs/configuration.md", "Configuration"):
        assert all(row[2:]), row


@pytest.mark.parametrize(("page", "heading"), list(zip(READMES, ("配置", "Configuration"), strict=True)))
def test_the_readmes_show_true_defaults(page: str, heading: str) -> None:
    known = {variable(key): shown(default) for key, default in settings().items()}
    for name, default, *_ in rows(page, heading):
        assert default.replace("无", "–").replace("none", "–") == known[name.strip("`")], name


@pytest.mark.parametrize("page", PAGES)
def test_environment_variables_exist(page: str) -> None:
    named = {name for name in re.findall(r"\bWENYUAN_[A-Z_]+[A-Z]\b", text(page)) if name != "WENYUAN_A__B"}
    assert named <= {variable(key) for key in settings()} | OTHER_VARIABLES
