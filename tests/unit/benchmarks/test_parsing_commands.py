"""The documented commands of the parsing benchmarks exist and take the options the page gives them."""

import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"`PY -m (benchmarks\.parsing\.\w+)([^`]*)`", PAGE)))


def test_every_measurement_is_on_the_page() -> None:
    folder = ROOT / "benchmarks" / "parsing"
    runnable = {path.stem for path in folder.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")}
    # Speed is run by the Makefile, which builds the other engines' environment first.
    assert {name.rpartition(".")[2] for name, _ in COMMANDS} >= runnable - {"speed", "located"}
    assert "-m benchmarks.parsing.speed" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", sorted({name for name, _ in COMMANDS}))
def test_documented_options_exist(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert ended.value.code == 0
    used = {option for name, rest in COMMANDS if name == module for option in re.findall(r"--[a-z-]+", rest)}
    assert used <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
