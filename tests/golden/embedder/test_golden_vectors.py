"""The offline embedder against vectors and token ids made once with the weights' own engine.

`scripts/golden_embedder.py` made them. Tolerance: cosine >= 0.99 for every text, not on average; ids exact.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.store import ensure_offline_embedder

FOLDER = Path(__file__).parent
COSINE = 0.99
TEXTS: list[str] = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEmbedder:
    return OnnxEmbedder(ensure_offline_embedder(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "golden.npz") as stored:
        return dict(stored)


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_vectors_agree(embedder: OnnxEmbedder, golden: dict[str, np.ndarray], kind: str) -> None:
    embed = embedder.embed_queries if kind == "query" else embedder.embed_passages
    expected = golden[f"{kind}_vectors"].astype(np.float32)
    assert len(expected) == len(TEXTS) == 50
    found = embed(TEXTS)
    cosines = (found * expected).sum(axis=1) / np.linalg.norm(expected, axis=1)
    worst = int(cosines.argmin())
    assert cosines[worst] >= COSINE, f"{TEXTS[worst][:60]!r}: {cosines[worst]:.4f}"
    # Texts keep their identity: each is nearest to its own golden vector.
    assert ((found @ expected.T).argmax(axis=1) == np.arange(len(TEXTS))).all()


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_token_ids_are_equal(embedder: OnnxEmbedder, golden: dict[str, np.ndarray], kind: str) -> None:
    ends = np.cumsum(golden[f"{kind}_lengths"])
    for text, expected in zip(TEXTS, np.split(golden[f"{kind}_ids"], ends[:-1]), strict=True):
        first, *content, last = embedder.token_ids(f"{kind}: {text}")
        assert content == expected.tolist(), text[:60]
        assert (first, last) == (0, 2)


def test_texts_beyond_the_limit_are_among_them(embedder: OnnxEmbedder) -> None:
    counts = [embedder.count_tokens(text) for text in TEXTS]
    assert sum(count > 512 for count in counts) >= 2
    assert min(counts) <= 2


def test_unknown_characters_fuse_as_in_the_original_tokenizer(embedder: OnnxEmbedder) -> None:
    """A run of unknown characters is one token; the engine behind the golden file counts each, so no text has one."""
    unknown = 3
    assert embedder.token_ids("齉龘靐").count(unknown) == 1
    assert embedder.token_ids("龘：靐").count(unknown) == 2


def test_a_question_finds_its_passage_across_scripts_and_languages(embedder: OnnxEmbedder) -> None:
    passages = embedder.embed_passages(
        [
            "员工入职满一年后可享受带薪年休假五天。",
            "請假超過三天者，須於五個工作日前提出書面申請。",
            "The rated voltage of the switchgear is 12 kV.",
            "公司笔记本电脑必须启用全盘加密。",
        ]
    )
    questions = [
        "年假有几天？",
        "请假三天以上要提前多久申请",
        "What voltage is the switchgear rated for?",
        "笔记本要加密吗",
    ]
    assert (embedder.embed_queries(questions) @ passages.T).argmax(axis=1).tolist() == [0, 1, 2, 3]
