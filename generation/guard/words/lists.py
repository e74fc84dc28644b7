"""The lists: what comes along, and an installation's own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

from wenyuan.errors import SettingsError
from wenyuan.settings import CONFIGS

OWN: Final = "own"
MAX_ENTRIES: Final = 500_000
_LONGEST: Final = 64


class Part(StrEnum):
    """What an entry is for: it counts alone, as an act, as a thing that something is done with, or as an excuse."""

    WORD = "word"
    ACT = "act"
    THING = "thing"
    UNLESS = "unless"


@dataclass(frozen=True, slots=True)
class Term:
    """What one entry stands for; one entry may stand for several."""

    entry: str
    category: str
    part: Part


@dataclass(frozen=True, slots=True)
class Lists:
    """All entries, and characters that are written in parts: the parts, and the character."""

    terms: Mapping[str, tuple[Term, ...]]
    splits: Mapping[str, str]
    categories: Mapping[str, tuple[str, str]]


def load_lists(without: Collection[str] = (), files: Sequence[Path] = ()) -> Lists:
    """Return the lists of ``configs/guard/words.yaml`` but for some categories, and those of ``files``.

    A file holds one entry a line, UTF-8; lines that begin with ``#`` are left out. Raises ``SettingsError`` for a
    file that cannot be read or is too large.
    """
    body: dict[str, Any] = yaml.safe_load((CONFIGS / "guard" / "words.yaml").read_text(encoding="utf-8"))
    terms: defaultdict[str, list[Term]] = defaultdict(list)
    for entry in body["unless"]:
        terms[entry].append(Term(entry, "", Part.UNLESS))
    categories = {name: told for name, told in body["categories"].items() if name not in without}
    for name, told in categories.items():
        for key, part in (("words", Part.WORD), ("acts", Part.ACT), ("things", Part.THING)):
            for entry in told.get(key, ()):
                terms[entry].append(Term(entry, name, part))
    for entry in _own(files):
        terms[entry].append(Term(entry, OWN, Part.WORD))
    named = {name: (told["zh"], told["en"]) for name, told in categories.items()}
    splits = {parts: whole for whole, ways in body["splits"].items() for parts in ways}
    return Lists(
        {entry: tuple(found) for entry, found in terms.items()}, splits, named | {OWN: ("本单位词表", "own list")}
    )


def _own(files: Iterable[Path]) -> list[str]:
    entries: list[str] = []
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(reason=f"guard.words: {path.name}: {type(error).__name__}") from None
        entries += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if len(entries) > MAX_ENTRIES or any(len(entry) > _LONGEST for entry in entries):
        raise SettingsError(reason=f"guard.words: more than {MAX_ENTRIES} entries, or one over {_LONGEST} characters")
    return entries
