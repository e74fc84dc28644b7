"""The faults that the guarding tests are tried with fit the code as it stands."""

from pathlib import Path

from benchmarks.proof.answer_mutations import ANSWER_MUTATIONS
from benchmarks.proof.mutations import MUTATIONS
from benchmarks.proof.part_mutations import PART_MUTATIONS

ROOT = Path(__file__).parents[3]
EVERY = MUTATIONS + PART_MUTATIONS + ANSWER_MUTATIONS


def test_every_fault_fits_the_code_once() -> None:
    texts = {one.file: (ROOT / one.file).read_text(encoding="utf-8") for one in EVERY}
    misfits = [one.name for one in EVERY if texts[one.file].count(one.old) != 1]
    assert not misfits, f"change them with the code: {misfits}"


def test_there_are_enough_of_them_and_tests_for_each() -> None:
    assert len({one.name for one in EVERY}) == len(EVERY) >= 100
    for one in EVERY:
        assert one.old != one.new
        assert one.tests
        assert all((ROOT / test.partition("::")[0]).exists() for test in one.tests), one.name
