"""What is said is judged by the embedder that the weights know, whichever one searches."""

import contextlib
from collections.abc import Iterator
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

LEAVE = [passage("工作满一年的员工，年休假为 5 天。"), passage("一线城市住宿费上限为每人每晚 600 元。", "c2")]
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


@pytest.fixture(scope="module")
def grounder() -> Iterator[Grounder]:
    settings = Settings()
    with contextlib.closing(open_embedder(settings.embedding, settings.models_dir)) as embedder:
        yield Grounder(embedder)


@pytest.mark.parametrize(
    "statement",
    [
        "-  numbering of your own.",
        "D o   n o t   c o n v e r t   o r   r o u n d   t h e m .",
        "e-n-c-e- -c-o-n-f-l-i-c-t-,- -s-t-a-t-e- -e-a-c-h-",
        "| see the report |  |",
        "[-12345] e .",
        "The moon is made of cheese.",
        "Employees may bring their dogs to the office.",
    ],
)
def test_a_statement_about_something_else_is_not_carried_by_a_passage_of_the_other_language(
    grounder: Grounder, statement: str
) -> None:
    assert grounder.check(statement, LEAVE, [0]).support is Support.UNSUPPORTED


def test_a_statement_is_carried_by_a_passage_of_the_other_language(grounder: Grounder) -> None:
    said = grounder.check("Annual leave is 5 days after one year of work.", LEAVE, [0])
    assert said.support is Support.SUPPORTED


async def test_the_one_that_searches_judges_where_the_weights_know_it_and_words_alone_where_none_is(
    tmp_path: Path,
) -> None:
    settings = Settings()
    with contextlib.closing(open_embedder(settings.embedding, settings.models_dir)) as embedder:
        async with contextlib.AsyncExitStack() as stack:
            assert await open_judge(stack, settings.embedding, settings.models_dir, embedder) is embedder
            assert await open_judge(stack, settings.embedding, tmp_path, Another()) is None  # type: ignore[arg-type]
