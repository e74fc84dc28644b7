"""Texts found in a stream of characters: order, repetition, interruptions, notes and what stands out of order."""

import random

import pytest

from ingest.rendition.align import align
from ingest.rendition.fitting import fit


def found(texts: list[str], stream: str) -> list[list[str]]:
    opens = [1] * len(stream)
    return [[stream[at : at + length] for _, at, length in pieces] for pieces in align(texts, stream, opens)]


def starts(texts: list[str], stream: str) -> list[int]:
    return [pieces[0][1] if pieces else -1 for pieces in align(texts, stream, [1] * len(stream))]


def test_texts_in_order_are_found_where_they_stand() -> None:
    stream = "总则本办法适用于全体员工第二章附则"
    assert starts(["总则", "本办法适用于全体员工", "第二章附则"], stream) == [0, 2, 12]


def test_a_repeated_text_stands_between_its_neighbours() -> None:
    stream = "第一章目的适用范围甲乙丙丁第二章目的适用范围戊己庚辛"
    assert starts(["第一章目的", "适用范围", "甲乙丙丁", "第二章目的", "适用范围", "戊己庚辛"], stream) == [
        0,
        5,
        9,
        13,
        18,
        22,
    ]


def test_a_text_that_runs_over_a_page_is_found_in_parts() -> None:
    first, second = "出差前应当填写出差申请单经部门负责人批准", "后方可出行未经批准的费用不予报销特此通知"
    assert found([first + second], f"{first}第三页共九页{second}") == [[first, second]]


def test_a_missing_text_moves_nobody() -> None:
    stream = "甲方负责供货并承担运费乙方负责验收并按期付款"
    assert starts(["甲方负责供货并承担运费", "丙方不在这里出现过一次", "乙方负责验收并按期付款"], stream) == [0, -1, 11]


def test_what_stands_out_of_order_is_found_when_unique() -> None:
    stream = "脚注说明在页首这里正文第一段落内容正文第二段落内容"
    assert starts(["正文第一段落内容", "脚注说明在页首这里", "正文第二段落内容"], stream) == [9, 0, 17]


def test_a_short_text_is_a_word_of_its_own() -> None:
    stream = "数量112合计12"
    opens = [1, 0, 1, 0, 0, 1, 0, 1, 0]
    assert align(["12"], stream, opens) == [[(0, 7, 2)]]


def test_nothing_is_found_in_nothing() -> None:
    assert align(["甲", ""], "", []) == [[], []]


@pytest.mark.parametrize("seed", range(5))
def test_most_of_a_shuffled_stream_is_found(seed: int) -> None:
    chooser = random.Random(seed)
    letters = "".join(chr(0x4E00 + index) for index in range(200))
    texts = ["".join(chooser.choices(letters, k=chooser.randint(2, 40))) for _ in range(300)]
    noise = ["".join(chooser.choices("0123456789", k=6)) for _ in texts]
    stream = "".join(text + (extra if chooser.random() < 0.3 else "") for text, extra in zip(texts, noise, strict=True))
    places = starts(texts, stream)
    right = sum(place >= 0 and stream.startswith(text, place) for text, place in zip(texts, places, strict=True))
    assert right == len(texts)


def test_a_sheet_is_made_as_wide_as_a_page() -> None:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = (
        b"<worksheet " + space + b'><sheetPr><tabColor rgb="FF0000"/></sheetPr><sheetData/>'
        b'<pageMargins left="1"/><pageSetup orientation="portrait"/><drawing r:id="a"/></worksheet>'
    )
    made = fit(sheet)
    assert made.count(b"<pageSetup ") == 1
    assert b'fitToPage="1"' in made
    assert made.index(b"<pageMargins") < made.index(b'fitToHeight="0"') < made.index(b"<drawing")
    assert fit(b"not a sheet") == b"not a sheet"
