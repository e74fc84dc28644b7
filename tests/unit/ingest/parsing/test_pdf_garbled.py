"""Text layers that decode to the wrong characters are told from real text of any language."""

import base64
import random
from string import ascii_letters, ascii_lowercase, ascii_uppercase

import pytest

from ingest.parsing.pdf.objects.garbled import is_nonsense

ENGLISH = (
    "The council met on the first Monday of the month and agreed that the budget for the new library should be put to "
    "the members before the summer. Two of them asked how the cost of heating had been reckoned, since the figures of "
    "the last winter were far above what the engineers had promised when the roof was mended. The chair answered that "
    "a report would follow within a fortnight, and that no contract would be signed before everybody had read it."
)
CHINESE = (
    "公司应当在每季度结束后十五日内编制财务报告，并报送董事会审议。各部门负责人对所提供数据的真实性和完整性负责。"
    "采购金额超过五万元的，应当经分管领导批准后方可签订合同；未经批准擅自签订的，由责任人承担相应后果。"
)
OTHERS = {
    "german": "Der Vorstand hat in seiner Sitzung beschlossen, die Kosten der neuen Anlage auf vier Jahre zu teilen. "
    "Wer dagegen Einspruch erheben will, muss das bis zum Ende des Monats schriftlich tun und seine Gründe nennen. ",
    "indonesian": "Setiap karyawan wajib mengajukan permohonan cuti paling lambat tujuh hari sebelum tanggal cuti. "
    "Permohonan yang diajukan setelah batas waktu tersebut akan diproses sesuai dengan kebijakan perusahaan. ",
    "vietnamese": "Người lao động được nghỉ phép hằng năm theo quy định của pháp luật và nội quy của công ty. Đơn xin "
    "nghỉ phép phải được gửi cho người quản lý trực tiếp ít nhất bảy ngày trước ngày bắt đầu nghỉ. ",
    "polish": "Pracownik składa wniosek o urlop co najmniej siedem dni przed jego rozpoczęciem. Przełożony rozpatruje "
    "wniosek w ciągu trzech dni roboczych i zawiadamia o swojej decyzji na piśmie wraz z uzasadnieniem. ",
}


def page(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("shift", range(1, 26, 3))
def test_letters_in_the_places_of_others_are_no_text(shift: int) -> None:
    moved = "".join(alphabet[shift:] + alphabet[:shift] for alphabet in (ascii_lowercase, ascii_uppercase))
    assert is_nonsense(page(ENGLISH).translate(str.maketrans(ascii_lowercase + ascii_uppercase, moved)))


def test_bytes_of_chinese_read_as_western_letters_are_no_text() -> None:
    assert is_nonsense(page(CHINESE.encode("gb18030").decode("latin-1")))


def test_ideographs_that_nobody_uses_are_no_text() -> None:
    chooser = random.Random(2)
    assert is_nonsense("".join(chr(chooser.randrange(0x3400, 0x4DB0)) for _ in range(200)))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, *(text * 3 for text in OTHERS.values())])
def test_a_language_is_text(text: str) -> None:
    assert not is_nonsense(page(text))


def test_keys_and_sequences_are_text() -> None:
    chooser = random.Random(3)
    assert not is_nonsense(base64.b64encode(chooser.randbytes(900)).decode())
    assert not is_nonsense("".join(chooser.choices("acgt", k=900)))
    assert not is_nonsense("".join(chooser.choices(ascii_letters, k=900)))
