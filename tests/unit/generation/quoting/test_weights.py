"""The learned weights: complete, finite, and used only with the embedder they know."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from generation import weights
from generation.extract import Extractor
from generation.scoring import SUPPORT_NAMES, UNIT_NAMES, read_question
from generation.weights import CASES, WEIGHTS, learned
from tests.unit.generation.passages import all_passages
from wenyuan.errors import SettingsError
from wenyuan.ports import Vectors

_COSINES = {"dense_passage", "dense_unit", "margin", "lead", "only"}
_READ = {"read", "answered", "margin_read"}


@pytest.mark.parametrize("cosines", [True, False])
@pytest.mark.parametrize("reader", [True, False])
def test_what_is_not_at_hand_weighs_nothing(cosines: bool, reader: bool) -> None:
    found = learned(UNIT_NAMES, SUPPORT_NAMES, cosines=cosines, reader=reader)
    absent = (set() if cosines else _COSINES) | (set() if reader else _READ)
    for case in CASES:
        for names, model in ((UNIT_NAMES, found.units[case]), (SUPPORT_NAMES, found.gates[case].model)):
            assert {n for n, w in zip(names, model.weights, strict=True) if w} & absent == set()
        assert 0 < found.gates[case].threshold < 1


@pytest.mark.parametrize("damage", ["missing", "infinite", "no threshold"])
def test_a_file_that_lacks_something_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    content = yaml.safe_load(WEIGHTS.read_text(encoding="utf-8"))
    if damage == "missing":
        del content["words"]["units"]["en"]["typed"]
    elif damage == "infinite":
        content["words"]["gates"]["zh"]["bias"] = float("inf")
    else:
        del content["words"]["thresholds"]["cross"]
    path = tmp_path / "extraction.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setattr(weights, "WEIGHTS", path)
    with pytest.raises(SettingsError):
        learned(UNIT_NAMES, SUPPORT_NAMES, cosines=False, reader=False)


class Stranger:
    """An embedder that the weights were not learned with."""

    name, fingerprint, dimension = "other", "0" * 32, 4

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError(texts)

    embed_passages = embed_queries

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        return


def test_another_embedder_is_not_asked_and_answers_are_those_of_words_alone() -> None:
    question, evidence = "自驾出差每公里报销多少？", all_passages()
    with_other = Extractor(Stranger()).extract(question, evidence)
    assert with_other == Extractor(None).extract(question, evidence)
    assert with_other.quotes


def test_cosines_of_another_embedder_change_nothing() -> None:
    read = read_question("自驾出差每公里报销多少？")
    plain = Extractor(None).pools(read, all_passages())
    moved = Extractor(None).pools(read, [replace(e, dense=0.1 * i) for i, e in enumerate(all_passages())])
    assert {c: p.support for c, p in plain.items()} == {c: p.support for c, p in moved.items()}
