"""What is kept between requests is known, and nothing of it can pass text of documents from one reader to another."""

import ast
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.access.caches import run
from generation.tables.reading import words
from wenyuan.access import AccessScope, Principal, Visibility, narrow, resolve_scope

ROOT: Final = Path(__file__).resolve().parents[3]
SERVING: Final = ("api", "generation", "retrieval", "wenyuan")
#: Modules that remember what functions returned: each from words, from numbers or from a file of the product alone.
#: Of what is kept by words, (time) says that these may be words of somebody's documents or questions. Who holds the
#: very same words gets the same result from there some microseconds sooner, far below what a request's time varies by:
#: a hundredth of a millisecond for a label, a tenth for a run of Chinese words.
REMEMBERING: Final = {
    "generation/answering/leaks.py": "the instructions of the prompts and their mark",
    "generation/grounding/reading.py": "the root and the weight of a word (time)",
    "generation/grounding/score.py": "weights of the product",
    "generation/grounding/words.py": "a word list of the product; how near two words are (time)",
    "generation/guard/words/folding.py": "characters that look alike",
    "generation/guard/words/variants.py": "the sound of a character; words of the product",
    "generation/llm/digest.py": "the prompt",
    "generation/llm/following.py": "the prompt",
    "generation/llm/questions.py": "the prompt",
    "generation/pool.py": "weights of the product",
    "generation/prompts.py": "the prompts, by language",
    "generation/tables/execute.py": "an empty database that holds no table; operands go with each statement",
    "generation/tables/plans/plan.py": "how a plan is validated",
    "generation/tables/proposing.py": "the prompt",
    "generation/tables/reading/asking.py": "words of the product",
    "generation/tables/reading/lexicon.py": "words of the product",
    "generation/tables/reading/mentions.py": "what a unit is worth",
    "generation/tables/reading/relation.py": "on the table that was read for one answer, with which it goes",
    "generation/tables/reading/words.py": "the words of a short label (time)",
    "generation/weights.py": "weights of the product",
    "retrieval/crossing.py": "a word list of the product",
    "retrieval/fusion.py": "weights of the product",
    "retrieval/lexical.py": "what a word of a term base weighs (time)",
    "retrieval/querymap.py": "a map of the product",
    "wenyuan/access.py": "on the statement about one reader, with which it goes",
    "wenyuan/text.py": "the stem of a word (time)",
    "wenyuan/words/background.py": "word frequencies of the product",
    "wenyuan/words/english.py": "the root of a word (time)",
    "wenyuan/words/pinyin.py": "readings of characters",
    "wenyuan/words/quantities.py": "numbers and units as they are written",
    "wenyuan/words/slips.py": "confusions of characters",
    "wenyuan/words/terms.py": "words as matching sees them (time)",
    "wenyuan/words/vocabulary.py": "words of the product",
    "wenyuan/words/written/names.py": "names of the product's dictionary",
}
#: What would make a remembered result depend on who reads, or on what is stored.
NEVER: Final = {"scope", "tx", "database", "principal", "user_id", "evidence", "trail", "reading"}
PAIRS: Final = 100_000


def remembered() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for folder in SERVING:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    names = {ast.unparse(one).split("(")[0].rsplit(".", 1)[-1] for one in node.decorator_list}
                    if names & {"cache", "lru_cache", "cached_property"}:
                        yield str(path.relative_to(ROOT)), node


def test_every_memory_of_a_function_is_known_and_sees_no_reader() -> None:
    found = list(remembered())
    assert {path for path, _ in found} == REMEMBERING.keys()
    for path, function in found:
        arguments = {one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
        assert not arguments & NEVER, (path, function.name)
        assert isinstance(function, ast.FunctionDef), "a remembered coroutine can be awaited once"


def test_a_question_or_a_cell_of_prose_is_not_kept_as_a_label_of_a_table() -> None:
    prose = "去年与甲公司谈定的价格是多少，" * 8
    assert words.words_of(prose) == words.words_of(prose)
    assert words.words_of(prose) is not words.words_of(prose)
    assert words.label_words(prose) is not words.label_words(prose)
    label = f"营业收入{random.random()}"
    assert words.words_of(label) is words.words_of(label)


class Said:
    """A directory that says what a test gave it."""

    def __init__(self, seen: Visibility) -> None:
        self.seen = seen

    async def visibility(self, user_id: str) -> Visibility:
        assert user_id
        return self.seen


async def test_no_two_scopes_that_differ_have_one_fingerprint() -> None:
    """A hundred thousand pairs that differ in one thing: who reads, the epoch, a policy, a document."""
    draw = random.Random(5)
    scopes: dict[tuple[object, ...], AccessScope] = {}
    while len(scopes) < 1_000:
        user, epoch = f"usr_{draw.randrange(12)}", draw.randrange(6)
        policies = frozenset(draw.sample(range(6), draw.randint(0, 3)))
        documents = None if draw.random() < 0.5 else frozenset(draw.sample("abcd", draw.randint(0, 2)))
        seen = Visibility(active=True, policy_ids=tuple(policies), epoch=epoch)
        scope = await resolve_scope(Said(seen), Principal(user, user))
        scopes[user, epoch, policies, documents] = scope if documents is None else narrow(scope, documents)
    every = list(scopes.values())
    pairs = 0
    while pairs < PAIRS:
        one, other = draw.sample(every, 2)
        assert one.fingerprint != other.fingerprint
        pairs += 1
    assert len({scope.fingerprint for scope in every}) == len(every)


async def test_what_is_kept_of_one_reader_is_not_used_for_another() -> None:
    pairs, kept = await run(400, 3)
    assert pairs == 400
    assert kept > 100
