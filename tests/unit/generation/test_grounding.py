"""Support of statements by passages."""

import numpy as np
import pytest

from generation.grounding import Grounder, Span
from generation.weights import learned_with
from tests.unit.generation.passages import BUSBAR, SUPPLIER, TRAVEL, all_passages, passage
from wenyuan.answers import Support

PASSAGES = all_passages()
TRAVEL_AT, HOTEL_AT, BUSBAR_AT, SAFETY_AT, SUPPLIER_AT = range(5)


def check(statement: str, cited: int) -> Support:
    return Grounder(None).check(statement, [PASSAGES[cited]], [0]).support


@pytest.mark.parametrize(
    ("statement", "cited"),
    [
        ("自驾出差按每公里 0.9 元报销。", TRAVEL_AT),
        ("自驾出差须事先批准，过路费凭票另行报销。", TRAVEL_AT),
        ("在海拔 4500 米以上工作的，高原津贴为每天180元。", TRAVEL_AT),
        ("在海拔 4,500 米以上地区工作的，每天发放高原津贴 １８０ 元。", TRAVEL_AT),
        ("欧洲的住宿限额为 200 美元。", HOTEL_AT),
        ("额定电流范围为 0.63–1.25 kA 时，主母线规格为 TMY-80×8。", BUSBAR_AT),
        ("未经许可不得操作。", SAFETY_AT),
        ("Change requests must be submitted at least 90 days before the planned change.", SUPPLIER_AT),
        ("Suppliers must not subcontract without written consent.", SUPPLIER_AT),
    ],
)
def test_true_statements_stand(statement: str, cited: int) -> None:
    assert check(statement, cited) is not Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("statement", "cited", "reason"),
    [
        ("自驾出差按每公里 0.8 元报销。", TRAVEL_AT, "number"),
        ("自驾出差按每公里 0.9 美元报销。", TRAVEL_AT, "unit"),
        ("在海拔 4500 米以上地区工作的，高原津贴为每天 1800 元。", TRAVEL_AT, "number"),
        ("在海拔 4500 米以下地区工作的，高原津贴为每天 180 元。", TRAVEL_AT, "range"),
        ("额定电流范围 630–1600 A 时，主母线规格为 TMY-80×8。", BUSBAR_AT, "number"),
        ("额定电流范围 630–1250 A 时，主母线规格为 TMY-90×8。", BUSBAR_AT, "code"),
        ("自驾出差不须事先批准。", TRAVEL_AT, "negation"),
        ("未经许可可以操作，得操作。", SAFETY_AT, "negation"),
        ("Suppliers must subcontract without written consent to us.", SUPPLIER_AT, "negation"),
        ("Change requests shall be submitted at most 90 days before the planned change.", SUPPLIER_AT, "range"),
        ("董事会同意收购澄江智配的全部股权。", TRAVEL_AT, "coverage"),
        ("自驾出差自 2025年3月1日起按每公里 0.9 元报销。", TRAVEL_AT, "date"),
    ],
)
def test_planted_errors_fall(statement: str, cited: int, reason: str) -> None:
    verdict = Grounder(None).check(statement, [PASSAGES[cited]], [0])
    assert verdict.support is Support.UNSUPPORTED
    assert reason in verdict.reasons


def test_a_statement_without_content_is_unsupported() -> None:
    assert check("以及……", TRAVEL_AT) is Support.UNSUPPORTED
    assert Grounder(None).check("甲乙丙丁", [], []).support is Support.UNSUPPORTED


def test_a_wrong_number_is_put_right_when_another_passage_carries_the_statement() -> None:
    verdict = Grounder(None).check("自驾出差按每公里 0.9 元报销。", PASSAGES, [BUSBAR_AT])
    assert (verdict.support, verdict.source) == (Support.SUPPORTED, TRAVEL_AT)


def test_the_span_is_the_sentence_that_carries_it() -> None:
    verdict = Grounder(None).check("自驾出差按每公里 0.9 元包干报销。", [passage(TRAVEL)], [0])
    assert TRAVEL[verdict.start : verdict.end] == TRAVEL.split("\n", 1)[0]
    row = Grounder(None).check("额定电流范围 1251–1600 A 时，主母线规格为 TMY-100×8。", [passage(BUSBAR)], [0])
    assert BUSBAR[row.start : row.end] == "1251–1600 A | TMY-100×8 | 800 mm"


def test_across_languages_words_prove_nothing_without_a_model() -> None:
    assert (
        Grounder(None).check("变更申请须提前 90 天提交。", [passage(SUPPLIER, language="en")], [0]).support
        is Support.UNSUPPORTED
    )


def verdict_of(statement: str, *texts: str) -> tuple[Support, tuple[str, ...]]:
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in texts[0]) else "en"
    passages = [passage(text, f"c{i}", language=language) for i, text in enumerate(texts)]
    verdict = Grounder(None).check(statement, passages, range(len(passages)))
    return verdict.support, verdict.reasons


LODGING = "上海的住宿费限额为每人每天600元。成都的住宿费限额为每人每天450元。"
TAKEOVER = "2021年3月5日，北辰电气以1.2亿元收购了澄江智配的全部股权。"
WARRANTY = "QX-200的质保期为自验收之日起24个月，人为损坏不在质保范围内。QX-300的质保期为自验收之日起12个月。"


@pytest.mark.parametrize(
    ("statement", "passage_text"),
    [
        ("每人每天六百元是上海的住宿限额。", LODGING),
        ("澄江智配的全部股权于2021-03-05被北辰电气以12000万元收购。", TAKEOVER),
        ("QX-200质保2年。", WARRANTY),
        ("灵犀网关的能耗高于QX-200。", "QX-200的能耗比灵犀网关低四分之一。"),
        ("操作灵犀网关须经张伟许可。", "未经张伟许可，任何人不得操作灵犀网关。"),
        (
            "Hongda was bought by Beichen for 12 million yuan.",
            "Beichen acquired all shares of Hongda for RMB 12,000,000.",
        ),
        ("Revenue of Beichen rose by 25% in 2021.", "In 2021, Beichen's revenue increased by a quarter of the total."),
    ],
)
def test_the_same_said_otherwise_stands(statement: str, passage_text: str) -> None:
    assert verdict_of(statement, passage_text)[0] is not Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("statement", "passage_text", "reason"),
    [
        ("每人每天六百元是成都的住宿限额。", LODGING, "number"),
        ("上海的住宿限额为每人每天450元。", LODGING, "number"),
        ("北京的住宿限额为每人每天600元。", LODGING, "name"),
        ("上海的住宿限额为每人每天600美元。", LODGING, "unit"),
        ("澄江智配于2021年3月5日收购北辰电气全部股权。", TAKEOVER, "role"),
        ("北辰电气于2021年3月6日收购澄江智配全部股权。", TAKEOVER, "date"),
        ("QX-300的质保期为24个月。", WARRANTY, "number"),
        ("QX-200质保90天。", "QX-200质保3个月。", "number"),
        ("QX-200的能耗高于灵犀网关。", "QX-200的能耗比灵犀网关低四分之一。", "role"),
        ("2021年北辰电气营业收入同比下降8%。", "2021年，北辰电气实现营业收入1.2亿元，同比增长8%。", "negation"),
        (
            "Beichen was bought by Hongda for 12 million yuan.",
            "Beichen acquired all shares of Hongda for RMB 12,000,000.",
            "role",
        ),
        ("Records are kept for at most 10 years.", "Records shall be kept for at least 10 years.", "range"),
        ("乙方须在30天内向甲方付款。", "甲方应在30天内向乙方支付货款。", "role"),
    ],
)
def test_one_changed_word_falls(statement: str, passage_text: str, reason: str) -> None:
    support, reasons = verdict_of(statement, passage_text)
    assert support is Support.UNSUPPORTED
    assert reason in reasons


def test_a_cell_belongs_to_its_column() -> None:
    assert check("欧洲的伙食补助为 65 美元。", HOTEL_AT) is not Support.UNSUPPORTED
    assert check("欧洲的伙食补助为 200 美元。", HOTEL_AT) is Support.UNSUPPORTED


def test_two_facts_from_two_passages_have_two_spans() -> None:
    passages = [passage(LODGING, "a"), passage(WARRANTY, "b")]
    verdict = Grounder(None).check("上海的住宿限额为每人每天600元；QX-300的质保期为12个月。", passages, [0, 1])
    assert verdict.support is Support.SUPPORTED
    assert set(verdict.spans) == {
        Span(0, 0, LODGING.index("成都")),
        Span(1, WARRANTY.index("QX-300"), len(WARRANTY)),
    }
    assert (verdict.source, verdict.start, verdict.end) == (
        verdict.spans[0].source,
        verdict.spans[0].start,
        verdict.spans[0].end,
    )


FISH = "花龟又称斑龟，为龟科的爬行动物。分布于中国、越南等地。该物种的模式产地在印度。体长可达28公分。"
RUN = "怀仁堂位于中南海西门内。1911年，大总统袁世凯将此楼改名为怀仁堂。"


@pytest.mark.parametrize(
    "statement",
    ["花龟的模式产地在印度。", "花龟体长可达28公分。", "花龟分布于中国和越南。"],
)
def test_a_later_sentence_speaks_of_the_subject_of_the_first(statement: str) -> None:
    assert verdict_of(statement, FISH)[1] == ()


@pytest.mark.parametrize(
    ("statement", "passage_text"),
    [
        ("花龟的模式产地在夏威夷。", FISH),
        ("1911年，大总统毛泽东将此楼改名为怀仁堂。", RUN),
        ("项目经理为高晓松。", "2018年，瑞丰种业中标太原的污水处理项目，项目经理为欧阳明。"),
        ("瑞丰种业持有蓝湾置业15%的股份。", "恒泰药业持有蓝湾置业15%的股份。瑞丰种业持有东岭集团3%的股份。"),
        ("星河打印机的噪声为60分贝。", "青松打印机的噪声为60分贝。星河打印机的噪声为55分贝。"),
    ],
)
def test_a_name_in_the_place_of_another_falls(statement: str, passage_text: str) -> None:
    support, reasons = verdict_of(statement, passage_text)
    assert support is not Support.SUPPORTED
    assert {"name", "number"} & set(reasons)


@pytest.mark.parametrize(
    ("statement", "passage_text"),
    [
        ("经张伟同意，迟到15分钟以上不扣奖金。", "迟到15分钟以上的，扣发当月奖金，但经张伟同意的除外。"),
        (
            "Earthquake losses are not covered.",
            "A insures the press over 6 months; losses caused by earthquakes are not covered.",
        ),
        ("恒泰药业向东岭集团租用了厂房。", "东岭集团将一处厂房租给恒泰药业。"),
        ("Records cost at most CNY 1200.", "Records cost no more than ¥1,200."),
    ],
)
def test_exceptions_and_other_sides_of_a_matter_stand(statement: str, passage_text: str) -> None:
    assert verdict_of(statement, passage_text)[1] == ()


@pytest.mark.parametrize(
    ("statement", "passage_text", "reason"),
    [
        ("新员工须在入职10天以后完成培训。", "新员工入职后10天内须完成培训。", "range"),
        ("面积为2600亩。", "面积为2600平方米。", "unit"),
        ("东岭集团向恒泰药业租用了厂房。", "东岭集团将一处厂房租给恒泰药业。", "role"),
        ("QX-200的质保期为12个月；星河打印机重60千克。", "QX-200的质保期为12个月。青松锅炉重60千克。", "name"),
    ],
)
def test_a_bound_a_unit_or_a_part_of_a_statement_falls(statement: str, passage_text: str, reason: str) -> None:
    support, reasons = verdict_of(statement, passage_text)
    assert support is Support.UNSUPPORTED
    assert reason in reasons or "coverage" in reasons


@pytest.mark.parametrize(
    ("question", "statement", "known"),
    [
        ("到上海出差的住宿标准是多少？", "到上海出差的住宿标准。", True),
        ("到上海出差的住宿标准是多少？", "文档中提到了到上海出差的住宿标准。", True),
        ("到上海出差的住宿标准是多少？", "到上海出差的住宿标准为600元。", False),
        ("到上海出差的住宿标准是多少？", "到上海出差的住宿标准如下：", False),
        ("外包人员可以报销吗？", "外包人员可以报销。", False),
        ("外包人员为什么不能报销？", "外包人员可以报销。", False),
        ("What is the hotel limit in Paris?", "The hotel limit in Paris is stated in the document.", True),
        ("Is the hotel limit 600 yuan?", "The hotel limit is 600 yuan.", False),
    ],
)
def test_a_statement_that_only_repeats_the_question_is_none(question: str, statement: str, known: bool) -> None:
    text = (
        "到上海出差的住宿标准为600元。外包人员可以报销。"
        if not question.isascii()
        else "The hotel limit in Paris is 600 yuan."
    )
    verdict = Grounder(None).check(statement, [passage(text)], [0], question)
    assert (verdict.reasons == ("no_content",)) is known


class Counting:
    """An embedder that counts what it is asked."""

    dimensions, model_id = 2, "counting"

    def __init__(self, fingerprint: str = "") -> None:
        self.asked = 0
        self.fingerprint = fingerprint or learned_with()

    def embed_queries(self, texts: list[str]) -> np.ndarray:
        self.asked += 1
        return np.full((len(texts), 2), 0.5**0.5, np.float32)

    embed_passages = embed_queries

    def count_tokens(self, text: str) -> int:
        return len(text)


def test_the_embedder_is_asked_only_where_words_alone_do_not_decide() -> None:
    embedder = Counting()
    grounder = Grounder(embedder)  # type: ignore[arg-type]
    assert grounder.check("花龟分布于中国、越南等地。", [passage(FISH)], [0]).support is Support.SUPPORTED
    assert embedder.asked == 0
    grounder.check("花龟在越南河流里生活。", [passage(FISH)], [0])
    assert embedder.asked > 0


@pytest.mark.parametrize("statement", ["董事会同意收购。", "公司实行弹性工作制。", "The board approved it."])
def test_what_shares_hardly_a_word_is_not_said_and_cosines_that_no_weight_knows_do_not_lift_it(statement: str) -> None:
    other = Counting("another")
    for grounder in (Grounder(None), Grounder(other)):  # type: ignore[arg-type]
        assert grounder.check(statement, [passage(TRAVEL), passage(BUSBAR)], [0]).support is Support.UNSUPPORTED
    assert other.asked == 0


ENGLISH = "In July 1961 the plant in Hangzhou opened. Its output rose in the 1980s."


class Nearness(Counting):
    """An embedder for which every question has one cosine to every passage."""

    def __init__(self, cosine: float) -> None:
        super().__init__()
        self._cosine = cosine

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        return np.tile(np.array([[1.0, 0.0]], np.float32), (len(texts), 1))

    def embed_queries(self, texts: list[str]) -> np.ndarray:
        return np.tile(np.array([[self._cosine, (1 - self._cosine**2) ** 0.5]], np.float32), (len(texts), 1))


@pytest.mark.parametrize(("cosine", "support"), [(0.85, Support.PARTIAL), (0.88, Support.SUPPORTED)])
def test_across_languages_a_chance_of_a_half_is_a_doubt(cosine: float, support: Support) -> None:
    grounder = Grounder(Nearness(cosine))  # type: ignore[arg-type]
    verdict = grounder.check("它得到了同意。", [passage("The board approved it.", language="en")], [0])
    assert verdict.score > 0.5
    assert verdict.support is support


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("杭州的工厂于1961年7月投产。", ""),
        ("20世纪80年代，其产量上升。", ""),
        ("20世纪80年代，其产量下降。", "negation"),
        ("杭州的工厂于1962年7月投产。", "date"),
    ],
)
def test_figures_and_opposites_agree_across_languages(statement: str, reason: str) -> None:
    verdict = Grounder(Counting()).check(statement, [passage(ENGLISH, language="en")], [0])  # type: ignore[arg-type]
    assert [r for r in verdict.reasons if r != "coverage"] == ([reason] if reason else [])
