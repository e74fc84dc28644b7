"""What a model writes about a document is read by its form, cleaned and bounded."""

from generation.llm.digest import read_digest


def test_the_form_is_read() -> None:
    found = read_digest("摘要：\n- 第一句。\n2、第二句。\n\n关键词：访客、胸牌，登记；访客。\n再多说几句")
    assert found.summary == ("第一句。", "第二句。")
    assert found.keywords == ("访客", "胸牌", "登记")


def test_english_and_a_summary_on_the_line_of_its_head() -> None:
    found = read_digest("**Summary:** Visitors sign in.\n* They wear a badge.\n**Keywords:** visitors, badge")
    assert found.summary == ("Visitors sign in.", "They wear a badge.")
    assert found.keywords == ("visitors", "badge")


def test_it_is_bounded_and_shows_nothing_invisible() -> None:
    answer = "\n".join(
        ["字" * 301, *(f"- 第{n}句\u202e。" for n in range(9)), "关键词：" + "、".join(f"词{n}" for n in range(30))]
    )
    found = read_digest(answer)
    assert found.summary == tuple(f"第{n}句。" for n in range(5))
    assert len(found.keywords) == 10


def test_nonsense_is_nothing() -> None:
    assert read_digest("") == read_digest("关键词：") == read_digest("\n\n")
    assert read_digest("").summary == ()
