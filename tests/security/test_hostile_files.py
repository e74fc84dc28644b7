"""Hostile files and mutants against the product's parsers: a small seeded sample of the long runs."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from time import process_time

import pytest

from benchmarks.hostile.__main__ import digest, fault
from benchmarks.hostile.files.bombs import Case, bombs
from benchmarks.hostile.files.packages import hostile_packages
from benchmarks.hostile.files.pdfs import hostile_pdfs
from benchmarks.hostile.files.seeds import GROUPS, SEEDS
from benchmarks.hostile.files.texts import hostile_texts
from benchmarks.hostile.hidden import HIDDEN, HONEST, SECRETS, judge, survivors
from benchmarks.hostile.honest import honest
from benchmarks.hostile.mutants import mutant, run
from benchmarks.hostile.trial import Verdict, attempt, read, warm
from ingest.intake import sniff
from wenyuan.documents import Block, BlockKind, ParsedDocument

# Those that take seconds stay in the long run.
SLOW = (
    "forms",
    "form calls",
    "marked content",
    "deep",
    "image of",
    "text in one",
    "one line",
    "flate bomb",
    "scattered",
    "many rectangles",
    "a million",
    "pattern",
    "a grid of lines",
)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    warm(SEEDS, folder)
    return folder


def tried(cases: list[Case], folder: Path) -> list[tuple[Case, Verdict]]:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    path = folder / "case"
    found = []
    for case in cases:
        path.write_bytes(case.data)
        found.append((case, attempt(path, case.filename, scratch)))
    return found


def test_sixty_bombs_are_refused_in_little_memory(ready: Path) -> None:
    cases = list(bombs())
    assert len(cases) >= 60
    for case, verdict in tried(cases, ready):
        assert verdict.outcome in ("file.unsafe", "file.corrupt"), (case.kind, case.filename, verdict)
        assert verdict.peak_mb < 400, (case.kind, case.filename, verdict)


@pytest.mark.parametrize("make", [hostile_packages, hostile_pdfs, hostile_texts], ids=lambda make: str(make.__name__))
def test_hostile_files_are_refused_or_read_with_their_warnings(ready: Path, make: Callable[[], list[Case]]) -> None:
    cases = [case for case in make() if not any(word in case.kind for word in SLOW)]
    # Every case that asks for something, and an eighth of the rest.
    chosen = [case for n, case in enumerate(cases) if case.refused or case.warning or n % 8 == 0]
    wrong = [(case.kind, case.filename, fault(case, one, timed=False)) for case, one in tried(chosen, ready)]
    assert not [one for one in wrong if one[2]]


def test_the_whole_corpus_has_two_hundred_files() -> None:
    assert sum(1 for make in (bombs, hostile_packages, hostile_pdfs, hostile_texts) for _ in make()) >= 200


@pytest.mark.parametrize("group", GROUPS)
def test_mutants_raise_nothing_but_errors_of_ours(group: str, tmp_path: Path) -> None:
    formats = GROUPS[group]
    count = 30 if group == "pdf" else 6 * len(formats)
    total, outcomes, noted, _ = run(formats, 20261122, range(count), None, 10**9)
    assert total == count
    assert outcomes["bug"] == 0, noted


def test_a_mutant_is_the_same_every_time() -> None:
    assert [mutant(GROUPS["zip"], 3, n) for n in range(8)] == [mutant(GROUPS["zip"], 3, n) for n in range(8)]


def test_honest_office_files_are_taken(tmp_path: Path) -> None:
    for name, data in honest(24, 5):
        path = tmp_path / name
        path.write_bytes(data)
        assert sniff(path, name)
        assert read(path, name).outcome == "parsed", name


@pytest.mark.parametrize("name", HIDDEN)
def test_what_nobody_sees_is_not_read(name: str, tmp_path: Path) -> None:
    data = HIDDEN[name](Random(7), SECRETS[0])
    assert not judge(data, SECRETS[0], tmp_path, name)


@pytest.mark.parametrize("name", HONEST)
def test_what_only_looks_hidden_is_read(name: str, tmp_path: Path) -> None:
    data = HONEST[name](Random(7), SECRETS[0])
    assert judge(data, SECRETS[0], tmp_path, name)


def test_no_unseen_character_survives() -> None:
    assert survivors(2_000, Random(3)) == 0


def test_what_the_worker_does_with_patterns_takes_linear_time() -> None:
    for unit in ("一", "1.", "(1)", "第一", "2026年", "A.", "(AB", "《", "**a", "“", "[](", "| a \n", "以下简称"):
        seconds = []
        for size in (10_000, 40_000):
            text = "The period is 30 days. " + unit * (size // len(unit))
            began = process_time()
            digest(ParsedDocument((), (Block(BlockKind.PARAGRAPH, text),)))
            seconds.append(process_time() - began)
        assert seconds[1] < 8 * seconds[0] + 0.5, (unit, seconds)
