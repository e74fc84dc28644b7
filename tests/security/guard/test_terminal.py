"""What the command line prints cannot steer the terminal, and what it refuses repeats no secret."""

import pytest

from api.cli.client import say
from wenyuan.errors import SettingsError
from wenyuan.settings import load_settings


def test_text_from_elsewhere_is_printed_without_controls(capsys: pytest.CaptureFixture[str]) -> None:
    say("甲\x1b]0;title\x07\x1b[2J\x9b31m乙\r丙\u202e丁\x00\n戊")
    assert capsys.readouterr().out == "甲]0;title[2J31m乙 丙丁\n戊\n"


def test_a_setting_that_cannot_be_read_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENYUAN_DATABASE", '{"url": "postgresql+psycopg://u:geheim@h/d"')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "database" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None
