"""An edit changes the chunks near it: the figure of `python -m benchmarks.chunking.edits`, with one seed and place."""

import random

import pytest

from benchmarks.chunking.edits import BAR, EDITS, document, shaped, share_changed
from ingest.chunking import StructureChunker
from wenyuan.documents import BlockKind
from wenyuan.text import cjk_share


def size(text: str) -> int:
    """About the tokens of an embedder; counted this way the test needs no model."""
    return 1 + round(len(text) * (0.6 if cjk_share(text) > 0.3 else 0.25))


@pytest.mark.parametrize("edit", ["rewrite a paragraph", "insert a paragraph"])
@pytest.mark.parametrize(("language", "shape"), [("zh", "headings"), ("en", "paragraphs"), ("zh", "one paragraph")])
def test_an_edit_of_two_hundred_pages_changes_few_chunks(language: str, shape: str, edit: str) -> None:
    chooser = random.Random(5)
    before = document(language, chooser, headings=shape == "headings")
    place = next(n for n in range(len(before) // 2, len(before)) if before[n].kind is BlockKind.PARAGRAPH)
    after = EDITS[edit](before, place, chooser, language)
    chunker = StructureChunker(size, 320, "lexical")
    share, chunks = share_changed(chunker, shaped(before, shape), shaped(after, shape))
    assert chunks > 300
    assert share <= BAR
