"""Equations of Office files as LaTeX, construct by construct."""

from pathlib import Path

import pytest
from lxml import etree

from ingest.parsing.office.drawing.omml import to_latex
from tests.unit.ingest.office.office_files import NAMES, parse_body, texts
from wenyuan.documents import BlockKind


def run(text: str, properties: str = "") -> str:
    return f"<m:r><m:rPr>{properties}</m:rPr><m:t>{text}</m:t></m:r>"


def part(name: str, content: str) -> str:
    return f"<m:{name}>{content}</m:{name}>"


def latex(math: str) -> str:
    return to_latex(etree.fromstring(f"<m:oMath {NAMES}>{math}</m:oMath>"))


X, Y, N = run("x"), run("y"), run("n")
FRACTION = part("f", part("num", X) + part("den", Y))


@pytest.mark.parametrize(
    ("math", "expected"),
    [
        (FRACTION, r"\frac{x}{y}"),
        (part("f", part("fPr", '<m:type m:val="lin"/>') + part("num", X) + part("den", Y)), "x/y"),
        (part("rad", part("radPr", "<m:degHide/>") + part("deg", "") + part("e", X)), r"\sqrt{x}"),
        (part("rad", part("deg", run("3")) + part("e", X)), r"\sqrt[3]{x}"),
        (part("sSup", part("e", X) + part("sup", run("2"))), "x^{2}"),
        (part("sSub", part("e", run("ab")) + part("sub", N)), "{ab}_{n}"),
        (part("sSubSup", part("e", X) + part("sub", run("i")) + part("sup", run("2"))), "x_{i}^{2}"),
        (part("sPre", part("sub", run("1")) + part("sup", run("2")) + part("e", X)), "{}_{1}^{2}x"),
        (
            part(
                "nary",
                part("naryPr", '<m:chr m:val="∑"/>') + part("sub", run("i=1")) + part("sup", N) + part("e", X),
            ),
            r"\sum_{i=1}^{n} x",
        ),
        (part("nary", part("sub", "") + part("sup", "") + part("e", X)), r"\int x"),
        (part("d", part("e", FRACTION)), r"\left(\frac{x}{y}\right)"),
        (
            part("d", part("dPr", '<m:begChr m:val="["/><m:endChr m:val="]"/>') + part("e", X) + part("e", Y)),
            r"\left[x \middle| y\right]",
        ),
        (
            part("d", part("e", part("m", part("mr", part("e", X) + part("e", Y)) + part("mr", part("e", N) * 2)))),
            r"\begin{pmatrix}x & y \\ n & n\end{pmatrix}",
        ),
        (
            part(
                "d",
                part("dPr", '<m:begChr m:val="{"/><m:endChr m:val=""/>')
                + part("e", part("eqArr", part("e", run("x&amp;=1")) + part("e", run("y&amp;=2")))),
            ),
            r"\begin{cases}x&=1 \\ y&=2\end{cases}",
        ),
        (
            part("d", part("e", part("f", part("fPr", '<m:type m:val="noBar"/>') + part("num", N) + part("den", X)))),
            r"\binom{n}{x}",
        ),
        (part("acc", part("accPr", '<m:chr m:val="⃗"/>') + part("e", X)), r"\vec{x}"),
        (part("acc", part("e", run("xy"))), r"\widehat{xy}"),
        (part("bar", part("barPr", '<m:pos m:val="top"/>') + part("e", X)), r"\overline{x}"),
        (part("groupChr", part("e", X)), r"\underbrace{x}"),
        (
            part("func", part("fName", part("limLow", part("e", run("lim")) + part("lim", run("x→0")))) + part("e", X)),
            r"\lim_{x\to 0} x",
        ),
        (part("func", part("fName", run("sin")) + part("e", X)), r"\sin x"),
        (part("limUpp", part("e", X) + part("lim", N)), r"\overset{n}{x}"),
        (part("borderBox", part("e", X)), r"\boxed{x}"),
        (part("eqArr", part("e", run("E=m#(1)"))), r"E=m\tag{1}"),
        (run("αβ≤∞"), r"\alpha \beta \le \infty"),
        (run("速度", "<m:nor/>"), r"\text{速度}"),
        (run("R", '<m:scr m:val="double-struck"/>'), r"\mathbb{R}"),
        (run("50%"), r"50\%"),
        ("<w:del><w:r><w:t>old</w:t></w:r></w:del>" + X, "x"),
    ],
)
def test_constructs(math: str, expected: str) -> None:
    assert latex(math) == expected


def test_nesting_without_end_ends() -> None:
    math = X
    for _ in range(80):
        math = part("sSup", part("e", math) + part("sup", run("2")))
    assert "^{2}" in latex(math)


def test_equations_stand_in_the_line_or_alone(tmp_path: Path) -> None:
    inline = f"<w:p><w:r><w:t>面积</w:t></w:r><m:oMath>{X}</m:oMath><w:r><w:t>平方米</w:t></w:r></w:p>"
    alone = f"<w:p><m:oMathPara><m:oMath>{FRACTION}</m:oMath></m:oMathPara></w:p>"
    numbered = f"<w:p><w:r><w:tab/></w:r><m:oMath>{Y}</m:oMath><w:r><w:tab/><w:t>（2-1）</w:t></w:r></w:p>"
    parsed = parse_body(tmp_path, inline + alone + numbered)
    assert texts(parsed, BlockKind.PARAGRAPH) == ["面积$x$平方米"]
    assert texts(parsed, BlockKind.FORMULA) == [r"\frac{x}{y}", r"y \tag{2-1}"]
