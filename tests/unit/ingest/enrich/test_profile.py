"""Kinds, keywords and summaries, and the stage that puts them together."""

import numpy as np
import pytest

from ingest.enrich import Enrichment
from ingest.enrich.kinds import kind_of
from ingest.enrich.profile import profile_of
from ingest.enrich.reading import read
from wenyuan.documents import Block, BlockKind, DocumentKind, Profile
from wenyuan.errors import EndpointError
from wenyuan.ports import Digest, Vectors
from wenyuan.settings import EnrichSettings

BATTERY = (
    "叉车电池的充电应当在充电间进行，充电间严禁烟火。",
    "叉车电池电量低于两成时应当充电，充电时间不少于六小时。",
    "此外，值班员每两小时巡查一次。",
    "电池温度超过五十度时立即停止充电，并报告设备部。",
    "充电记录保存一年，由设备部每月检查一次。",
    "报名请访问 https://example.com 。",
)


def blocks(*lines: str, title: str = "叉车电池充电规定") -> list[Block]:
    return [Block(BlockKind.TITLE, title, level=1), *(Block(BlockKind.PARAGRAPH, line) for line in lines)]


def described(*lines: str, settings: EnrichSettings | None = None) -> Profile:
    reading = read("叉车电池充电规定", blocks(*lines))
    return profile_of(settings or EnrichSettings(), reading, "text/plain", {})


@pytest.mark.parametrize(
    ("title", "lines", "kind"),
    [
        ("电缆采购合同", ("甲方：临河公司 乙方：远桥公司", "违约责任由违约方承担。"), DocumentKind.CONTRACT),
        ("中华人民共和国劳动合同法", ("为了完善制度，制定本法。", "用人单位应当承担法律责任。"), DocumentKind.LAW),
        ("Minutes of the board", ("Attendees: A, B", "Resolved: the budget is approved."), DocumentKind.MINUTES),
        ("增值税发票", ("发票号码：123", "价税合计：100元"), DocumentKind.INVOICE),
        ("周远简历", ("工作经历：五年", "教育背景：本科", "电话：123"), DocumentKind.RESUME),
        (
            "Acceptable_Use_Policy",
            ("This policy applies to all employees.", "Scope: all offices."),
            DocumentKind.POLICY,
        ),
        ("春天的信", ("今天的天气很好，我们去了河边。",), DocumentKind.UNKNOWN),
        ("附件一", ("安装位置见图。",), DocumentKind.UNKNOWN),
    ],
)
def test_kinds(title: str, lines: tuple[str, ...], kind: DocumentKind) -> None:
    found, confidence = kind_of(read(title, blocks(*lines, title=title)), "text/plain")
    assert found is kind
    assert 0 <= confidence <= 1


def test_a_mail_is_one_by_its_format() -> None:
    assert kind_of(read("合同", blocks("甲方", title="合同")), "message/rfc822") == (DocumentKind.MAIL, 1.0)


def test_keywords_are_the_topic_and_no_form_words() -> None:
    words = described(*BATTERY).keywords
    assert {"充电", "叉车"} <= {part for word in words for part in (word, word[:2], word[-2:])}
    assert not {"应当", "不得", "本规定"} & set(words)
    english = read(
        "Forklifts", [Block(BlockKind.PARAGRAPH, "Forklift batteries shall be charged; forklift batteries age.")]
    )
    found = {word.lower() for word in profile_of(EnrichSettings(), english, "", {}).keywords}
    assert {"forklifts", "batteries"} <= found
    assert "shall" not in found


def test_a_summary_is_whole_sentences_that_stand_alone() -> None:
    summary = described(*BATTERY).summary
    assert len(summary) == 3
    assert [one.blocks for one in summary] == sorted(one.blocks for one in summary)
    lines = [block.text for block in blocks(*BATTERY)]
    assert all(one.text == lines[one.blocks[0]] for one in summary)
    assert not any(one.text.startswith("此外") or "http" in one.text for one in summary)


def test_a_summary_prefers_what_is_near_to_the_whole() -> None:
    """Of two sentences alike in all else the one whose chunk lies near the mean of all chunks is taken."""
    lines = [f"第{name}仓库每周清点货物数量并登记造册备查。" for name in "甲乙丙丁戊己庚辛"]
    vectors: dict[int, Vectors] = {n: np.array([1, 0], np.float32) for n in range(1, 9)}
    vectors[3] = np.array([0, 1], np.float32)
    reading = read("清点", blocks(*lines, title="清点"))
    near = profile_of(EnrichSettings(), reading, "", vectors).summary
    far = profile_of(
        EnrichSettings(), reading, "", {n: np.array([0, 1], np.float32) for n in range(1, 9)} | {1: vectors[1]}
    )
    assert 1 in {block for one in near for block in one.blocks}
    assert 1 not in {block for one in far.summary for block in one.blocks}


def test_parts_are_optional() -> None:
    off = EnrichSettings(summary="none", keywords="none", kind=False, dates=False, terms=False, entities=False)
    assert described("本规定自2025年1月1日起施行。", *BATTERY, settings=off) == Profile(language="zh")


class Writer:
    """A model that writes what it is told to, or fails."""

    def __init__(self, digest: Digest | None) -> None:
        self._digest = digest
        self.seen: list[str] = []

    async def digest(self, text: str, language: str) -> Digest:
        self.seen.append(text)
        if self._digest is None:
            raise EndpointError(reason="timeout")
        return self._digest


async def test_a_model_writes_what_the_settings_give_it() -> None:
    settings = EnrichSettings(summary="llm", llm_chars=500)
    writer = Writer(Digest(("叉车电池在充电间充电。",), ("电池",)))
    profile, signed = await Enrichment(settings, writer).describe("电池", "", blocks(*BATTERY, *BATTERY * 20), {})
    assert (profile.summary_by, profile.summary[0].text, profile.summary[0].blocks) == (
        "llm",
        "叉车电池在充电间充电。",
        (),
    )
    assert profile.keywords_by == "statistical"
    assert signed is not None
    assert len(writer.seen[0]) == 500


async def test_a_model_that_fails_leaves_the_extract() -> None:
    failing = Enrichment(EnrichSettings(summary="llm", keywords="llm"), Writer(None))
    profile, _ = await failing.describe("电池", "", blocks(*BATTERY), {})
    assert (profile.summary_by, profile.keywords_by) == ("extractive", "statistical")


async def test_a_model_is_not_asked_unless_the_settings_say_so() -> None:
    writer = Writer(Digest(("x",), ("y",)))
    profile, signed = await Enrichment(EnrichSettings(similar=False), writer).describe("电池", "", blocks(*BATTERY), {})
    assert writer.seen == []
    assert signed is None
    assert profile.summary_by == "extractive"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["甲方", "公司", "e.g. ", "（以下简称", "2025年1月1日", "《", "Aa "])
def test_a_text_made_to_be_slow_is_not(piece: str) -> None:
    """A hundred thousand characters of one pattern without an end; each doubling must not square the effort."""
    for kind in (BlockKind.PARAGRAPH, BlockKind.TITLE):
        reading = read("办法", [Block(kind, piece * (100_000 // len(piece)))])
        assert profile_of(EnrichSettings(), reading, "", {}).language in {"zh", "en"}
