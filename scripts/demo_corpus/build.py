"""Which source becomes which file, and the call that writes them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.demo_corpus.fonts import Font, load_font
from scripts.demo_corpus.model import Document, block_texts
from scripts.demo_corpus.source import read_document
from scripts.demo_corpus.writers import html, mail, pdf, scan, sheet, text, word

CONTENT = Path(__file__).parent / "content"


Writer = Callable[[Document, Font], bytes]


@dataclass(frozen=True)
class Target:
    """A file of the corpus: its name, the source under ``content/`` and the writer of its format."""

    file: str
    source: str
    write: Writer


def _fontless(write: Callable[[Document], bytes]) -> Writer:
    return lambda document, _font: write(document)


TARGETS = (
    Target("employee-handbook.docx", "zh/employee-handbook.md", _fontless(word.write)),
    Target("travel-policy.pdf", "zh/travel-policy.md", pdf.write),
    Target("switchgear-manual.pdf", "zh/switchgear-manual.md", pdf.write),
    Target("selection-tables.xlsx", "zh/selection-tables.md", _fontless(sheet.write)),
    Target("security-policy.md", "zh/security-policy.md", _fontless(text.write_markdown)),
    Target("customer-faq.html", "zh/faq.md", _fontless(html.write)),
    Target("salary-scheme.pdf", "zh/salary-scheme.md", pdf.write),
    Target("board-minutes-scan.pdf", "zh/board-minutes.md", scan.write),
    Target("supplier-code-of-conduct.pdf", "en/supplier-code.md", pdf.write),
    Target("service-handbook.docx", "zh/service-handbook.md", _fontless(word.write)),
    Target("ring-main-unit-datasheet.pdf", "en/ring-main-datasheet.md", pdf.write),
    Target("maintenance-notice.eml", "zh/maintenance-notice.md", _fontless(mail.write)),
    Target("temperature-rise-bulletin.txt", "zh/temperature-bulletin.md", _fontless(text.write_plain)),
)


def load_source(target: Target) -> Document:
    """The parsed source of a target."""
    return read_document(CONTENT / target.source)


def build(out: Path, font: Path | None = None) -> list[Path]:
    """Write every file of the corpus into ``out`` and return the paths.

    Raises :class:`~scripts.demo_corpus.fonts.FontError` before anything is written when no usable font is there.
    """
    documents = [(target, load_source(target)) for target in TARGETS]
    texts = (text for _, document in documents for block in document.blocks for text in block_texts(block))
    face = load_font(font, texts)
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for target, document in documents:
        path = out / target.file
        path.write_bytes(target.write(document, face))
        paths.append(path)
    return paths
