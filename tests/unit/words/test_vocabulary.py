"""The vocabulary that every space has: what is found in a text, and a file that is none."""

from pathlib import Path

import pytest

from wenyuan.errors import SettingsError
from wenyuan.words.vocabulary import LANGUAGES, vocabulary


def found(text: str) -> list[str]:
    return [match.text for match in vocabulary().find(text)]


def test_abbreviations_and_words_in_either_script() -> None:
    assert found("COGS and D&A of the P&L") == ["COGS", "D&A", "P&L"]
    assert found("社保和公积金怎么交，NDA要签吗") == ["社保", "公积金", "NDA"]
    assert found("days sales outstanding (DSO)") == ["days sales outstanding", "DSO"]


def test_the_longer_word_is_meant() -> None:
    assert found("fixed asset turnover") == ["fixed asset turnover"]
    assert found("经营活动现金流") == ["经营活动现金流"]


def test_short_abbreviations_need_capitals() -> None:
    assert found("a po box in the ap") == []
    assert found("ebitda and capex") == ["ebitda", "capex"]


def test_spans_are_those_of_the_text() -> None:
    text = "本年的毛利率与 capex"
    assert [text[match.start : match.end] for match in vocabulary().find(text)] == ["毛利率", "capex"]


def test_every_word_is_found_by_itself() -> None:
    table = vocabulary()
    for text in ("accounts payable", "应付账款", "quick ratio", "2FA", "KPI", "增值税", "statement of cash flows"):
        assert [match.text for match in table.find(text)] == [text]
        (match,) = table.find(text)
        assert any(match.entry.searched(language) for language in LANGUAGES)


def test_a_file_that_is_no_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text("terms: [{en: [x]}]", encoding="utf-8")
    with pytest.raises(SettingsError):
        vocabulary(tmp_path / "v.yaml")
