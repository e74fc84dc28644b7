"""What is said is judged by the embedder that the weights know, whichever one searches."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.wiring.judging import open_judge
from generation.grounding import Grounder
from generation.weights import learned_with
from tests.unit.generation.passages import passage
from wenyuan.answers import Support
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import Settings

ENGLISH = "The hotel limit in Paris is 185 US dollars a night."


@dataclass
class Another:
    """An embedder that searches and that no weights were learned with."""

    fingerprint: str = "another"


async def test_the_built_in_embedder_judges_beside_another_one_and_is_closed() -> None:
    settings = Settings()
    async with contextlib.AsyncExitStack() as stack:
        judge = await open_judge(stack, settings.embedding, settings.models_dir, Another())  # type: ignore[arg-type]
        assert judge is not None
        assert judge.fingerprint == learned_with()
        said = Grounder(judge).check("巴黎的住宿限额为每晚185美元。", [passage(ENGLISH, language="en")], [0])
        assert said.support is not Support.UNSUPPORTED
    with pytest.raises(RuntimeError, match="closed"):
        judge.embed_queries(["after the service ended"])


async def test_the_one_that_searches_judges_where_the_weights_know_it_and_words_alone_where_none_is(
    tmp_path: Path,
) -> None:
    settings = Settings()
    with contextlib.closing(open_embedder(settings.embedding, settings.models_dir)) as embedder:
        async with contextlib.AsyncExitStack() as stack:
            assert await open_judge(stack, settings.embedding, settings.models_dir, embedder) is embedder
            assert await open_judge(stack, settings.embedding, tmp_path, Another()) is None  # type: ignore[arg-type]
