"""The public sets that are judged and that are learned from, by their places below the folder of the data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.retrieval.exact import Searched, load
from benchmarks.retrieval.map_learning import Lessons, lessons
from benchmarks.retrieval.sets import Corpus, few, read_set, without
from eval.texts.vectors import VectorCache
from wenyuan.ports import Chunker, Embedder

#: Every question of the law set is judged by what was learned without it and its fold.
FOLDED: Final = "law"
FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Taught:
    """A set to learn from: its name, how much it counts, how much of it is taken (0: all).

    The questions that the learned step is for are ``home`` (see :mod:`retrieval.querymap`).
    """

    spec: str
    weight: float = 1.0
    passages: int = 0
    questions: int = 1500
    home: bool = False


JUDGED: Final = {
    FOLDED: "beir:law",
    "xquad-zh": "squad:xquad/xquad.zh.json",
    "xquad-en": "squad:xquad/xquad.en.json",
    "xquad-zh-en": "cross:xquad/xquad.zh.json:xquad/xquad.en.json",
    "rgb-refine": "rgb:rgb/zh_refine.first_half.jsonl",
    "financebench": "pages:financebench",
    "chunking": "spans:chunking",
}
TAUGHT: Final = {
    FOLDED: Taught("beir:law", weight=3.0, home=True),
    "cmrc-train": Taught("squad:cmrc/cmrc2018_train.json.gz", passages=900),
    "drcd": Taught("squad:drcd/DRCD_dev.json", passages=600),
    "chinese-squad": Taught("squad:chinese_squad/dev-v2.0-zh.json"),
    "expmrc": Taught("squad:expmrc/expmrc-squad-dev.json"),
    "expmrc-zh-en": Taught("cross:chinese_squad/dev-v2.0-zh.json:expmrc/expmrc-squad-dev.json"),
    "expmrc-en-zh": Taught("cross:expmrc/expmrc-squad-dev.json:chinese_squad/dev-v2.0-zh.json"),
    "tatqa": Taught("tatqa:tatqa/tatqa_dataset_dev.json"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where sets are read from and what reads them; sets whose files are absent are left out."""

    data: Path
    cache: Path
    chunker: Chunker
    embedder: Embedder
    vectors: VectorCache

    def read(self, name: str, spec: str) -> Corpus:
        """Read a set."""
        return read_set(name, spec, self.data, self.chunker, self.cache / "parses")

    def there(self, spec: str) -> bool:
        """Return whether the files of a set stand in the folder."""
        return all((self.data / path).exists() for path in spec.split(":")[1:]) or (
            spec.startswith("beir:") and (self.data / spec.removeprefix("beir:")).is_dir()
        )

    def judged(self, names: Sequence[str]) -> Iterator[Corpus]:
        """Yield the judged sets of these names, or all of them."""
        for name, spec in JUDGED.items():
            if (not names or name in names) and self.there(spec):
                yield self.read(name, spec)

    def taught(self, folded: Searched | None = None) -> list[Lessons]:
        """Return what is learned from, the folded set first; no question of it stands in a judged set but that one.

        A sample takes random passages and the questions that they answer.
        """
        kept_out = [self.read(name, JUDGED[name]) for name in ("xquad-zh", "xquad-en") if self.there(JUDGED[name])]
        found = []
        for name, taught in TAUGHT.items():
            if not self.there(taught.spec):
                continue
            if name == FOLDED and folded is not None:
                searched = folded
            else:
                corpus = without(self.read(name, taught.spec), kept_out)
                passages = taught.passages or len(corpus.passages)
                searched = load(few(corpus, passages, taught.questions) if name != FOLDED else corpus, self.vectors)
            print(f"{name}: {len(searched.corpus.questions)} questions, {len(searched.matrix)} passages", flush=True)
            found.append(lessons(searched, self.embedder, taught.weight, home=taught.home))
        return found
