"""Text to terms."""

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.words.terms import cjk_bigrams, codes, normalise, stem, term_id, terms, tokens, words


def test_normalise_folds_width_case_and_traditional_characters() -> None:
    assert normalise("軟體開發ＫＹＮ２８Ａ－12") == "软体开发kyn28a-12"
    assert normalise("發票與報銷") == normalise("发票与报销")


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=200))
def test_normalised_text_has_the_same_terms_but_for_humps(text: str) -> None:
    as_written, lowered = set(terms(text)), set(terms(normalise(text)))
    assert lowered <= as_written
    assert all(term[0] == "w" and term[1:].isalpha() and term.isascii() for term in as_written - lowered)


def test_every_character_is_read_without_an_error() -> None:
    assert all(len(term) > 1 for point in range(0x3000) for term in terms(f"a{chr(point)}1"))


def test_thousands_are_one_number() -> None:
    assert {"w1000000", "w1000"} <= set(terms("1,000,000 and ￥1,000.00"))
    assert {"w1", "w2", "w3"} <= set(terms("1,2,3")) - {"w123"}
    assert "w000" not in set(terms("1,000"))


def test_initials_are_kept_whole() -> None:
    assert "r&d" in set(codes(normalise("R&D expenses")))
    assert "at&t" in set(codes(normalise("AT & T Inc.")))
    assert list(codes("supply & demand")) == []


def test_words_in_search_mode_drop_punctuation() -> None:
    found = set(words(normalise("《高压开关柜》的额定电压，是多少？")))
    assert {"高压", "开关", "开关柜", "额定", "电压"} <= found
    assert not found & set("《》，？")


def test_bigrams_do_not_cross_what_is_not_chinese() -> None:
    assert list(cjk_bigrams("开关柜,电压")) == ["开关", "关柜", "电压"]
    assert list(cjk_bigrams("a 年b")) == ["年"]
    assert list(cjk_bigrams("abc")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("符合 GB/T 3620.1-2016 的要求", "gb/t3620.1-2016"),
        ("符合GB／T3620.1-2016的要求", "gb/t3620.1-2016"),
        ("KYN28A-12开关柜", "kyn28a-12"),
        ("额定电压 0.4 kV", "0.4kv"),
        ("额定电压0.4kV，频率50Hz", "0.4kv"),
        ("IEC 62271-200 标准", "62271-200"),
        ("型号 12a-3。", "12a-3"),
        ("增长3.5%左右", "3.5%"),
        ("防护等级 IP4X", "ip4x"),
    ],
)
def test_codes_are_kept_whole(text: str, expected: str) -> None:
    assert expected in set(codes(normalise(text)))


@pytest.mark.parametrize("text", ["in 2016 we", "chapter 5", "a/b", "www.example.com", "第3条", "开关柜"])
def test_plain_words_and_numbers_are_no_codes(text: str) -> None:
    assert list(codes(normalise(text))) == []


def test_long_dotted_text_takes_linear_time() -> None:
    assert list(codes("a-" * 200_000)) == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [("policies", "policy"), ("employees", "employee"), ("breaks", "break"), ("status", "status"), ("gas", "gas"),
     ("process", "process"), ("processes", "process"), ("houses", "house"), ("boxes", "box"), ("analysis", "analysis"),
     ("prüfungs", "prüfungs")],
)  # fmt: skip
def test_stem(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_kinds_are_apart_and_ids_are_stable() -> None:
    found = list(terms("开关"))
    assert sorted(found) == ["b开关", "w开关"]
    assert term_id("w开关") != term_id("b开关")
    # Written into indexes on disk: a change needs a new lexical fingerprint.
    assert term_id("w开关") == 2732363605
    assert all(0 <= term_id(term) < 2**32 for term in found)


def test_segmenter_leaves_no_cache_in_the_shared_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    from wenyuan.words import terms as module

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module._segmenter.cache_clear()
    assert "开关柜" in set(words("高压开关柜"))
    assert list(tmp_path.iterdir()) == []
    assert "jieba" in sys.modules


@pytest.mark.parametrize("char", ["中", "由", "年"])
def test_a_run_without_words_takes_linear_time(char: str) -> None:
    began = time.process_time()
    assert "".join(char * (end - start) for start, end in tokens(char * 60_000)) == char * 60_000
    assert time.process_time() - began < 10
