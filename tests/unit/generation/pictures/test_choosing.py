"""Which figures belong to a quoted passage: by number, by a pointing word, by place; and which ones do not."""

import pytest

from generation.pictures.choosing import MOST, choose_figures, names_others
from wenyuan.answers import FigureRef, Relation
from wenyuan.documents import Block, BlockKind, Box

PATH = ("3 系统",)


def text(words: str, path: tuple[str, ...] = PATH) -> Block:
    return Block(BlockKind.PARAGRAPH, words, heading_path=path)


def caption(words: str) -> Block:
    return Block(BlockKind.CAPTION, words, heading_path=PATH)


def figure(
    media: str | None = None, path: tuple[str, ...] = PATH, boxes: tuple[Box, ...] = (), words: str = ""
) -> Block:
    confidence = 0.9 if words else None
    return Block(BlockKind.FIGURE, words, boxes, heading_path=path, media=media, confidence=confidence)


def chosen(blocks: list[Block], *quoted: int, first: int = 0) -> list[tuple[int, Relation]]:
    found = choose_figures({first + place: block for place, block in enumerate(blocks)}, quoted)
    return [(one.ordinal, one.relation) for one in found]


FAR_OFF = [text(f"第{number}段说明其他事项。") for number in range(8)]


@pytest.mark.parametrize(
    "named",
    ["各层的关系见图 3-2。", "The layers are shown in Fig. 3-2.", "如图3–2所示，分为三层。", "分层参见图表 3-2。"],
)
def test_a_figure_that_is_named_belongs_wherever_it_stands(named: str) -> None:
    blocks = [
        text(named),
        *FAR_OFF,
        figure("a"),
        caption("图3-1 网络"),
        text("间隔。"),
        figure("b"),
        caption("图3-2 分层"),
    ]
    assert chosen(blocks, 40, first=40) == [(52, Relation.NAMED)]
    (ref,) = choose_figures(dict(enumerate(blocks)), [0])
    assert ref == FigureRef(12, (13,), Relation.NAMED)


def test_what_is_quoted_from_a_figure_shows_it() -> None:
    blocks = [text("无关。"), *FAR_OFF, figure("a", words="网关 服务 数据"), caption("图1 架构")]
    assert chosen(blocks, 9) == [(9, Relation.CITED)]
    assert chosen(blocks, 10) == [(9, Relation.CITED)]
    assert chosen(blocks, 0) == []


def test_a_passage_may_point_to_the_figure_below_or_above() -> None:
    below = [
        text("接线方式如下图所示。"),
        text("注意断电。"),
        text("戴手套。"),
        figure("a"),
        text("完毕。"),
        figure("b"),
    ]
    assert chosen(below, 0) == [(3, Relation.NAMED)]
    above = [figure("a"), text("一。"), text("二。"), text("三。"), text("The diagram above shows the wiring.")]
    assert chosen(above, 4) == [(0, Relation.NAMED)]
    assert chosen([text("见下图。"), figure("a", path=("4 其他",))], 0) == []


def test_the_figure_beside_belongs_unless_another_passage_introduces_it() -> None:
    assert chosen([text("柜体由四部分组成。"), figure("a"), caption("柜体外形")], 0) == [(1, Relation.BESIDE)]
    introduced = [text("柜体由四部分组成。"), figure("a"), caption("图1 柜体"), text("外形见图1。")]
    assert chosen(introduced, 0) == []
    assert chosen(introduced, 3) == [(1, Relation.NAMED)]
    assert chosen([text("一。"), text("二。"), text("三。"), figure("a")], 0) == []
    assert chosen([text("一。"), figure("a", path=("4 其他",))], 0) == []
    assert chosen([figure("a"), text("中间。"), figure("b")], 1) == [(2, Relation.BESIDE)]


def test_ornaments_are_no_figures() -> None:
    logo = (Box(1, 10, 10, 40, 40),)
    assert chosen([text("公司简介。"), figure(boxes=logo)], 0) == []
    assert chosen([text("公司简介。"), figure(boxes=logo), caption("公司标志")], 0) == [(1, Relation.BESIDE)]
    assert chosen([figure("logo"), text("第一页。"), figure("logo"), text("第二页。")], 1) == []


def test_of_figures_with_one_number_the_nearest_belongs_and_no_more_than_a_few() -> None:
    again = [figure("a"), caption("图1 甲"), *FAR_OFF, text("见图1。"), figure("b"), caption("图1 乙")]
    assert chosen(again, 10) == [(11, Relation.NAMED)]
    many = [text("见图1、图2、图3、图4和图5。")]
    for number in range(1, 6):
        many += [figure(str(number)), caption(f"图{number} 示意")]
    assert len(chosen(many, 0)) in range(1, MOST + 1)


def test_a_figure_out_of_reach_is_missed_and_a_hidden_one_left_out() -> None:
    blocks = dict(enumerate([text("见图7。"), *FAR_OFF]))
    assert names_others(blocks, [0])
    assert not names_others(blocks, [1])
    assert not names_others(blocks | {9: figure("a"), 10: caption("图7 流程")}, [0])
    # The caption may be closed to the reader while the picture is open: it is found by its place then, if at all.
    assert choose_figures({0: text("见图7。"), 20: figure("a")}, [0]) == ()
