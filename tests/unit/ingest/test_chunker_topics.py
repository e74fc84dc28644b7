"""Long text without headings is cut where its subject changes."""

import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from ingest.chunking import StructureChunker
from wenyuan.documents import Block, BlockKind, Page, ParsedDocument
from wenyuan.ports import Vectors
from wenyuan.settings import TopicBreaks
from wenyuan.text import content_terms

PARKING = "停车场每月收取车位费，员工凭车牌登记入场，访客车辆由前台登记。"
HOLIDAY = "年休假由员工提出申请，部门主管批准休假天数，人事专员登记休假。"
INVOICE = "发票抬头应与合同一致，财务核对发票金额，付款前须验真发票。"


def by_words(texts: Sequence[str]) -> Vectors:
    """Vectors of the words of each text: what an embedder does, without a model."""
    vectors = np.zeros((len(texts), 512), np.float32)
    for row, text in enumerate(texts):
        for term in content_terms(text):
            vectors[row, zlib.crc32(term.encode()) % 512] += 1
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def subjects_of(topics: TopicBreaks) -> list[int]:
    """How many of the three subjects stand in each chunk of one long paragraph about them."""
    text = PARKING * 4 + HOLIDAY * 3 + INVOICE * 4
    parsed = ParsedDocument(pages=(Page(1, 600, 800),), blocks=(Block(BlockKind.PARAGRAPH, text),))
    chunks = StructureChunker(len, 130, topics, by_words).chunk("", parsed)
    assert "".join(chunk.text for chunk in chunks) == text
    return [sum(name in chunk.text for name in ("停车", "休假", "发票")) for chunk in chunks]


@pytest.mark.parametrize("topics", ["lexical", "embedding"])
def test_chunks_end_where_the_subject_does(topics: TopicBreaks) -> None:
    assert max(subjects_of(topics)) == 1


def test_without_topic_breaks_chunks_are_filled() -> None:
    assert max(subjects_of("off")) == 2


def test_topic_breaks_are_part_of_the_fingerprint() -> None:
    found = {StructureChunker(len, 130, topics, by_words).fingerprint for topics in ("off", "lexical", "embedding")}
    assert len(found) == 3


def test_breaks_by_embedding_need_an_embedder() -> None:
    with pytest.raises(ValueError, match="embedder"):
        StructureChunker(len, 130, "embedding")
