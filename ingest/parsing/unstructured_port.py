"""The one door to the ``unstructured`` library: a second reader for Office files that our own could not read.

Our readers know spans, numbers, hidden text and where things stand; this one knows less and reads other odd files. It
is asked when ours fails unexpectedly, so that a file is never lost to a bug.

The library looks at structure here, never at wording: its rules for titles and sentences are English and call a short
Chinese paragraph a title. Its tokenizer loads spaCy and fetches an English model at first use; a few lines stand in
for it, so that nothing is fetched. Telemetry is off before import.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ingest.intake import media
from ingest.parsing.office.grid import table_from_html, table_text
from ingest.parsing.office.pieces import Piece, Reading, number_levels
from ingest.xmltree import parse_html
from wenyuan.documents import BlockKind
from wenyuan.text import sentences

FALLBACK: Final = "reader.second"

_QUIET: Final = {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}
_TOKENIZER: Final = "unstructured.nlp.tokenize"
_PARTITIONERS: Final = {media.DOCX: "docx", media.PPTX: "pptx", media.XLSX: "xlsx"}
_WORDING_RULES: Final = (
    "is_possible_title",
    "is_possible_narrative_text",
    "is_possible_numbered_list",
    "is_us_city_state_zip",
    "is_email_address",
)
_KINDS: Final = {
    "Title": BlockKind.TITLE,
    "ListItem": BlockKind.LIST,
    "Table": BlockKind.TABLE,
    "CodeSnippet": BlockKind.CODE,
    "Header": BlockKind.HEADER,
    "Footer": BlockKind.FOOTER,
    "PageBreak": None,
    "Image": None,
}


def read_again(path: Path, media_type: str) -> Reading:
    """Read a DOCX, PPTX or XLSX file with the library; the reading carries the warning ``reader.second``.

    Anchors are ``slide N`` and a sheet's name. Raises whatever the library raises.
    """
    name = _PARTITIONERS[media_type]
    module = _load(f"unstructured.partition.{name}")
    # An empty language turns the library's detection off; our own looks at chunks.
    elements = getattr(module, f"partition_{name}")(filename=str(path), languages=[""], include_page_breaks=False)
    pieces = number_levels(piece for element in elements for piece in _pieces(element, media_type))
    return Reading(tuple(pieces), warnings=(FALLBACK,))


def _pieces(element: Any, media_type: str) -> Iterator[Piece]:
    kind = _KINDS.get(element.category, BlockKind.PARAGRAPH)
    if kind is None:
        return
    section = element.metadata.page_number or 0
    anchor = None
    if media_type == media.PPTX:
        anchor = f"slide {section}"
    elif media_type == media.XLSX:
        anchor = element.metadata.page_name
        kind = BlockKind.TABLE if element.metadata.text_as_html else BlockKind.PARAGRAPH
    if kind is BlockKind.TABLE and element.metadata.text_as_html:
        table = table_from_html(parse_html(element.metadata.text_as_html).xpath("//table")[0])
        if table is not None:
            yield Piece(kind, table_text(table), table=table, anchor=anchor, section=section)
        return
    level = (element.metadata.category_depth or 0) + 1 if kind is BlockKind.TITLE else 0
    yield Piece(kind, element.text, level=level, anchor=anchor, section=section)


def _load(name: str) -> ModuleType:
    """Import a partitioner with telemetry off, the tokenizer replaced, and its rules on wording switched off."""
    os.environ.update(_QUIET)
    if _TOKENIZER not in sys.modules:
        sys.modules[_TOKENIZER] = _tokenizer()
    module = importlib.import_module(name)
    for rule in _WORDING_RULES:
        if hasattr(module, rule):
            setattr(module, rule, _never)
    return module


def _never(_text: str, **_options: object) -> bool:
    return False


def _tokenizer() -> ModuleType:
    module = ModuleType(_TOKENIZER)
    replacements = {
        "sent_tokenize": lambda text: [sentence.text for sentence in sentences(text)],
        "word_tokenize": str.split,
        "pos_tag": lambda text: [(word, "") for word in text.split()],
    }
    for name, function in replacements.items():
        setattr(module, name, function)
    return module
