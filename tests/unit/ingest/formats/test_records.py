"""JSON, JSON lines, transcripts."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.intake import sniff
from ingest.parsing.formats import parse_format
from ingest.parsing.formats.subtitles import read_subtitles
from wenyuan.documents import BlockKind, ParsedDocument
from wenyuan.errors import FileCorrupt


def parse(text: str, folder: Path, name: str) -> ParsedDocument:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return parse_format(path, sniff(path, name))


def test_objects_are_key_paths_and_like_objects_a_table(tmp_path: Path) -> None:
    value = {
        "系统": "采购", "版本": 1.0, "负责人": {"姓名": "王芳", "电话": ["010", "021"]},
        "订单": [{"编号": n, "金额": 10.5 * n, "备注": None} for n in range(1, 4)], "说明": "文" * 250,
    }  # fmt: skip
    parsed = parse(json.dumps(value, ensure_ascii=False), tmp_path, "a.json")
    assert [(b.kind, b.anchor) for b in parsed.blocks] == [
        (BlockKind.PARAGRAPH, "#"),
        (BlockKind.TITLE, "#/订单"),
        (BlockKind.TABLE, "#/订单/0–#/订单/2"),
        (BlockKind.PARAGRAPH, "#/说明"),
    ]
    assert parsed.blocks[0].text == "系统: 采购\n版本: 1.0\n负责人.姓名: 王芳\n负责人.电话: 010、021"
    assert parsed.blocks[2].text == "编号 | 金额 | 备注\n1 | 10.5\n2 | 21.0\n3 | 31.5"
    assert parsed.blocks[2].heading_path == ("订单",)


def test_pointers_escape_and_numbers_stay_as_written(tmp_path: Path) -> None:
    long = "文" * 700
    parsed = parse(
        json.dumps({"a/b": {"~": long}, "大": 0}).replace('"\\u5927": 0', '"n": 12345678901234567890.10'),
        tmp_path,
        "a.json",
    )
    assert any(block.anchor == "#/a~1b/~0" for block in parsed.blocks)
    assert any("n: 12345678901234567890.10" in block.text for block in parsed.blocks)


def test_long_records_stand_under_their_names(tmp_path: Path) -> None:
    people = [{"Name": name, "说明": "文" * 700, "技能": ["甲", "乙"]} for name in ("王芳", "李强")]
    parsed = parse(json.dumps({"员工": people}, ensure_ascii=False), tmp_path, "a.json")
    paths = {block.heading_path for block in parsed.blocks if "文" in block.text}
    assert paths == {("员工", "王芳"), ("员工", "李强")}


def test_lines_are_records_and_bad_ones_are_named(tmp_path: Path) -> None:
    parsed = parse('{"问": "甲"}\n{"问": "乙"}\n{broken}\n\n{"问": "丙"}\n', tmp_path, "a.jsonl")
    assert parsed.blocks[0].text == "问\n甲\n乙\n丙"
    assert (parsed.blocks[0].anchor, parsed.warnings) == ("line 1–line 5", ("line-invalid:3",))


def test_a_large_table_is_cut_with_its_own_pointers(tmp_path: Path) -> None:
    parsed = parse(json.dumps([{"id": n, "name": f"item {n}"} for n in range(300)]), tmp_path, "a.json")
    assert len(parsed.blocks) > 3
    first, second = parsed.blocks[:2]
    assert second.text.splitlines()[0] == "id | name"
    last = int((first.anchor or "").rpartition("/")[2])
    assert (second.anchor or "").startswith(f"#/{last + 1}–")
    assert f"{last} | item {last}" in first.text
    assert f"{last + 1} | item {last + 1}" in second.text


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_every_word_of_any_document_is_read(value: object) -> None:
    from ingest.parsing.formats.records import _value

    text = "".join(piece.text for piece in _value(value, "", "", 1))

    def leaves(node: object) -> list[str]:
        if isinstance(node, dict):
            return [leaf for field in node.values() for leaf in leaves(field)]
        if isinstance(node, list):
            return [leaf for field in node for leaf in leaves(field)]
        return [node] if isinstance(node, str) else []

    squeezed = "".join(text.split()).replace("｜", "|")
    assert all("".join(leaf.split()).replace("｜", "|") in squeezed for leaf in leaves(value))


def test_what_is_no_json_is_corrupt(tmp_path: Path) -> None:
    for text in ('{"a": }', "[" * 50_000 + '"x"]'):
        with pytest.raises((FileCorrupt, RecursionError)):
            parse(text, tmp_path, "a.json")


# --- transcripts ------------------------------------------------------------------------------------------------


def test_cues_become_paragraphs_with_their_span_of_time() -> None:
    text = (
        "WEBVTT - 预算会\n\nNOTE 不读\n\n1\n00:00:01.000 --> 00:00:03.500\n<v 王芳>大家好，"
        "今天\n\n00:00:03.600 --> 00:00:05.000\n"
        "我们讨论预算。\n\n00:00:05.200 --> 00:00:08.000 align:start\n<v 李强>好的 &amp; 开始。"
        "\n\n01:02:02.000 --> 01:02:09.900\n<i>下一项</i>\n"
    )
    reading = read_subtitles(text)
    assert reading.title == "预算会"
    assert [(piece.anchor, piece.text) for piece in reading.pieces] == [
        ("00:00:01–00:00:05", "王芳：大家好，今天我们讨论预算。"),
        ("00:00:05–00:00:08", "李强：好的 & 开始。"),
        ("01:02:02–01:02:09", "下一项"),
    ]


def test_long_talk_is_cut_at_sentences_and_rolling_captions_count_once() -> None:
    def clock(second: int) -> str:
        return f"00:{second // 60:02}:{second % 60:02},000"

    cues = "\n".join(
        f"{n}\n{clock(n * 2)} --> {clock(n * 2 + 2)}\n这是第{n}句很长很长的发言内容。\n" for n in range(1, 60)
    )
    pieces = read_subtitles(cues).pieces
    assert len(pieces) > 2
    assert all(piece.text.endswith("。") and len(piece.text) < 400 for piece in pieces)
    rolling = (
        "1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n2\n00:00:02,000 --> 00:00:03,000\nHello there my friend\n"
    )
    assert [piece.text for piece in read_subtitles(rolling).pieces] == ["Hello there my friend"]


def test_speakers_in_subrip(tmp_path: Path) -> None:
    parsed = parse("1\n00:00:01,000 --> 00:00:03,500\n- 张三：你好\n- 李四：你也好\n", tmp_path, "a.srt")
    assert [block.text for block in parsed.blocks] == ["张三：你好", "李四：你也好"]
    with pytest.raises(FileCorrupt):
        read_subtitles("WEBVTT\n\nnothing")
