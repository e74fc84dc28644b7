from rich.cells import cell_len

from eval.demo.show import wrap


def test_lines_break_between_wide_characters_and_at_spaces() -> None:
    text = "第六条 员工推荐人才经录用并转正的，公司给予 3000 元 and some English words here"
    lines = wrap(text, 20)
    assert all(cell_len(line) <= 20 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert "3000" in " ".join(lines).split()
    assert len(lines) <= 5


def test_a_short_line_and_its_indent_stay() -> None:
    assert wrap("  [1] short", 40) == ["  [1] short"]
    assert wrap("", 40) == [""]
