"""Dates of validity, defined terms and names: what is said of the document, and what only looks like it."""

import pytest

from ingest.enrich.dates import dates
from ingest.enrich.entities import entities
from ingest.enrich.reading import Reading, read
from ingest.enrich.terms import terms
from wenyuan.documents import Block, BlockKind, EntityKind, Hidden


def reading(*lines: str, title: str = "差旅管理办法") -> Reading:
    return read(title, [Block(BlockKind.PARAGRAPH, line) for line in lines])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("本办法自2025年3月1日起施行。", {("effective", "2025-03-01")}),
        (
            "本制度于二〇二四年十月十二日发布，自发布之日起施行。",
            {("issued", "2024-10-12"), ("effective", "2024-10-12")},
        ),
        ("有效期至：2027-12-31", {("expires", "2027-12-31")}),
        ("本合同有效期自2025年1月1日起至2026年12月31日止。", {("effective", "2025-01-01"), ("expires", "2026-12-31")}),
        ("（1999年3月15日第九届全国人民代表大会第二次会议通过）", {("issued", "1999-03-15")}),
        ("本规定自2026年1月1日起废止。", {("repealed", "2026-01-01")}),
        ("生效日期 | 2025.07.01", {("effective", "2025-07-01")}),
        ("版本：V2  发布日期：2024年11月", {("issued", "2024-11")}),
        ("Effective date: 1 March 2025", {("effective", "2025-03-01")}),
        ("This Policy comes into force on June 5, 2024.", {("effective", "2024-06-05")}),
        (
            "Valid until 31st December 2026. Issued on 2025-02-03.",
            {("expires", "2026-12-31"), ("issued", "2025-02-03")},
        ),
        # Other dates, other publications, no dates.
        ("《劳动合同法》自2008年1月1日起施行。", set()),
        ("仓库在2023年6月1日完成改造。", set()),
        ("本办法自2025年2月30日起施行。", set()),
        ("会议于2024年第二次会议审议通过。", set()),
        ("合同金额为20250301元。", set()),
        ("The plant was built in May 2019.", set()),
    ],
)
def test_dates_of_validity(line: str, found: set[tuple[str, str]]) -> None:
    assert {(one.role.value, one.date) for one in dates(reading(line))} == found


def test_a_date_in_the_middle_of_a_long_document_must_speak_of_it() -> None:
    filler = [f"第{number}项工作按计划推进。" for number in range(60)]
    lines = [*filler, "某企业的许可自2020年5月1日起生效。", "本办法自2025年3月1日起施行。", *filler]
    found = dates(reading(*lines))
    assert [(one.date, one.block) for one in found] == [("2025-03-01", 61)]


@pytest.mark.parametrize(
    ("line", "term", "meaning"),
    [
        ("买方：临河物资有限公司（以下简称“甲方”）", "甲方", "临河物资有限公司"),
        ("第三条 本办法所称出差，是指离开常驻城市办理公务。", "出差", "离开常驻城市办理公务"),
        ("“工作日”指法定节假日以外的日子。", "工作日", "法定节假日以外的日子"),
        ("考核采用关键绩效指标（KPI）。", "KPI", "关键绩效指标"),
        ('"Delivery Date" means the day of arrival.', "Delivery Date", "the day of arrival"),
        ('made with Hartwell Trading Ltd (the "Seller").', "Seller", "made with Hartwell Trading Ltd"),
        ("Each service level agreement (SLA) is reviewed.", "SLA", "service level agreement"),
    ],
)
def test_terms(line: str, term: str, meaning: str) -> None:
    found = {one.term: one.meaning for one in terms(reading(line))}
    assert found == {term: meaning}


@pytest.mark.parametrize(
    "line", ["额定容量（MVA）见下表。", "本指南指导员工填写表格。", "Press the red button (STOP) at once."]
)
def test_what_defines_nothing(line: str) -> None:
    assert terms(reading(line)) == ()


def test_names_are_counted() -> None:
    found = entities(
        reading(
            "货物由砚澜电气股份有限公司按照GB/T 3620.1-2016交付，见《质量手册》。",
            "砚澜电气股份有限公司保护公司利益，并符合 ISO 9001:2015。",
            "Orders go to Hartwell Trading Ltd.",
        )
    )
    assert [(one.kind, one.name, one.count) for one in found] == [
        (EntityKind.ORGANISATION, "砚澜电气股份有限公司", 2),
        (EntityKind.PUBLICATION, "质量手册", 1),
        (EntityKind.STANDARD, "GB/T 3620.1-2016", 1),
        (EntityKind.STANDARD, "ISO 9001:2015", 1),
        (EntityKind.ORGANISATION, "Hartwell Trading Ltd", 1),
    ]


def test_hidden_text_and_running_heads_are_not_read() -> None:
    blocks = [
        Block(BlockKind.HEADER, "有效期至：2030-01-01"),
        Block(BlockKind.PARAGRAPH, "本办法自2031年1月1日起施行。", hidden=Hidden.COLOUR),
        Block(BlockKind.PARAGRAPH, "本办法自2025年1月1日起施行。"),
    ]
    assert [one.date for one in dates(read("办法", blocks))] == ["2025-01-01"]
