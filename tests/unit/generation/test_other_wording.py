"""What a good writer says otherwise stands; parties, spans of time and denials that change places do not."""

import numpy as np
import pytest

from generation.grounding import Grounder
from generation.weights import learned_with
from tests.unit.generation.passages import passage
from wenyuan.answers import Support

SUED = "2018年，中科光谱起诉百川水务侵犯商标权，法院判决百川水务赔偿1200万元。"
SUED_EN = "In 2018, Zhongke Spectrum sued Baichuan Water, and the court ordered Baichuan Water to pay 12 million yuan."
REPAIRS = "HD-60水泵每5年由徐文静保养一次，故障应在16小时内排除，不得带病运行。"
OTHER_REPAIRS = "星河打印机每5年由高翔保养一次，故障应在12小时内排除。"
RENT = "物业管理费由乙方承担，房产税由甲方缴纳。"
CHECKS = "安全阀每月排放试验一次，每年校验一次。"
LEAVE = "累计工作已满10年不满20年的，年休假10天。"


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("累计工作10年到20年的，年休假10天。", LEAVE),
        ("可在1.5倍额定电流下运行60秒。", "可在额定电流的150%下运行60秒。"),
        ("研发费用约占营业收入的8%，比前一年提高1.2个百分点。", "研发费用占营业收入的8.1%，较上年提高1.2个百分点。"),
        ("The motor is rated at 5.5 kilowatts.", "The motor is rated at 5.5 kW."),
        ("A lost card costs 25 euros.", "A lost card costs EUR 25."),
        ("加班规定不适用于实习生。", "每月加班累计不得超过八小时，实习生不适用。"),
        ("HD-60水泵出现故障后须在16小时内排除。", REPAIRS + OTHER_REPAIRS),
        ("法院判百川水务赔偿1200万元。", SUED),
        ("The court ordered Baichuan Water to pay 12 million yuan to Zhongke Spectrum.", SUED_EN),
        ("房产税归甲方，物业管理费归乙方。", RENT),
        ("安全阀每年校验一次。", CHECKS),
    ],
)
def test_other_wording_stands(statement: str, text: str) -> None:
    verdict = Grounder(None).check(statement, [passage(text, language="en" if text.isascii() else "zh")], [0])
    assert (verdict.support is not Support.UNSUPPORTED, verdict.reasons) == (True, ())


@pytest.mark.parametrize(
    ("statement", "text", "reason"),
    [
        ("中科光谱因侵犯商标权于2018年被百川水务起诉。", SUED.replace("中科", "恒泰"), "name"),
        ("百川水务起诉中科光谱侵犯商标权。", SUED, "role"),
        ("Zhongke Spectrum was sued by Baichuan Water in 2018.", SUED_EN, "role"),
        ("The court ordered Zhongke Spectrum to pay 12 million yuan to Baichuan Water.", SUED_EN, "role"),
        ("HD-60水泵出现故障后须在12小时内排除。", REPAIRS + OTHER_REPAIRS, "number"),
        ("加班规定也适用于实习生。", "每月加班累计不得超过八小时，实习生不适用。", "negation"),
        ("Loading the slab is allowed.", "The engineer prohibits loading the slab.", "negation"),
        ("净利润上扬。", "净利润同比下降。", "negation"),
        ("房产税归乙方。", RENT, "role"),
        ("安全阀每月校验一次。", CHECKS, "unit"),
    ],
)
def test_parts_that_changed_places_are_seen(statement: str, text: str, reason: str) -> None:
    verdict = Grounder(None).check(statement, [passage(text, language="en" if text.isascii() else "zh")], [0])
    assert verdict.support is not Support.SUPPORTED
    assert reason in verdict.reasons


def test_whoever_urges_that_something_be_done_does_not_deny_it_for_sure() -> None:
    text = "分包单位嘉铭建设尚未提交深化图纸，监理单位已发出第二份催办函。"
    verdict = Grounder(None).check("监理单位催促嘉铭建设提交深化图纸。", [passage(text)], [0])
    assert (verdict.support, verdict.reasons) == (Support.PARTIAL, ("negation",))


class Near:
    """An embedder for which texts with one of some words are alike, and all others ``far`` from them."""

    dimensions, model_id = 2, "near"

    def __init__(self, *near: str, far: float = 0.8) -> None:
        self.fingerprint, self._near, self._far = learned_with(), near, far

    def embed_queries(self, texts: list[str]) -> np.ndarray:
        near = [1.0 if any(word in text for word in self._near) else self._far for text in texts]
        return np.array([(n, (1 - n * n) ** 0.5) for n in near], np.float32)

    embed_passages = embed_queries

    def count_tokens(self, text: str) -> int:
        return len(text)


@pytest.mark.parametrize(
    ("statement", "reasons"),
    [
        ("Zhongke Spectrum was sued by Baichuan Water in 2018.", {"role"}),
        ("Baichuan Water was sued by Zhongke Spectrum in 2018.", set()),
        ("The court ordered Baichuan Water to pay 12 million yuan to Zhongke Spectrum.", set()),
    ],
)
def test_parties_are_known_across_languages(statement: str, reasons: set[str]) -> None:
    grounder = Grounder(Near("sued", "起诉", "ordered", "判决"))  # type: ignore[arg-type]
    verdict = grounder.check(statement, [passage(SUED)], [0])
    assert set(verdict.reasons) - {"coverage"} == reasons


@pytest.mark.parametrize(
    ("statement", "near", "denied"),
    [
        ("The HD-60 pump is not maintained by Xu Wenjing.", ("保养", "maintained"), True),
        ("HD-60 may run with faults.", ("带病", "faults"), True),
        ("HD-60 may not run with faults.", ("保养", "faults"), False),
        ("The HD-60 pump is maintained by Xu Wenjing.", ("保养", "maintained"), False),
    ],
)
def test_the_vectors_tell_which_part_of_a_sentence_a_denial_is_about(
    statement: str, near: tuple[str, ...], denied: bool
) -> None:
    verdict = Grounder(Near(*near)).check(statement, [passage(REPAIRS)], [0])  # type: ignore[arg-type]
    assert ("negation" in verdict.reasons) is denied


def test_few_shared_words_are_in_doubt_where_the_meaning_is_near() -> None:
    statement, text = "Old cartridges belong in the bin.", "Used filters are disposed of as mixed waste."
    for far, support in ((0.86, Support.PARTIAL), (0.8, Support.UNSUPPORTED)):
        grounder = Grounder(Near("cartridges", far=far))  # type: ignore[arg-type]
        verdict = grounder.check(statement, [passage(text, language="en")], [0])
        assert (verdict.support, verdict.reasons) == (support, ("coverage",))
