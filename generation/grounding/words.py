"""What says the same, without a model: words by form, parts and synonyms, amounts however they are written."""

from functools import cache, lru_cache
from typing import Any, Final

import yaml

from generation.grounding.reading import word_key
from wenyuan.errors import SettingsError
from wenyuan.settings import CONFIGS
from wenyuan.words.quantities import Quantity, agrees
from wenyuan.words.terms import normalise

FILE: Final = CONFIGS / "synonyms.yaml"
#: From here on two words may stand for each other.
NEAR: Final = 0.45
_SCALED: Final = {"week": ("day", 7.0), "year": ("month", 12.0), "fold": ("percent", 100.0)}
_LONGEST_SPAN: Final = 200.0


@cache
def _groups() -> dict[str, frozenset[int]]:
    try:
        content: Any = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        lists = [str(line).split() for said in content.values() for line in said]
    except (OSError, AttributeError, yaml.YAMLError) as error:
        raise SettingsError(reason=f"{FILE.name}: no lists of words") from error
    groups: dict[str, set[int]] = {}
    for number, words in enumerate(lists):
        for word in words:
            groups.setdefault(word_key(normalise(word)), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in groups.items()}


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Return how far two word keys say the same, 0 to 1: 1 for one word, less for synonyms, compounds, relatives."""
    if one == other:
        return 1.0
    groups = _groups()
    if groups.get(one, frozenset()) & groups.get(other, frozenset()):
        return 0.9
    short, long = sorted((one, other), key=len)
    if one.isascii() != other.isascii():
        return 0.0
    if one.isascii():
        shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(short))
        return 0.7 if shared >= 4 and shared * 3 >= 2 * len(long) else 0.0
    if len(short) > 1 and short in long:
        return 0.85
    shared = len(set(one) & set(other))
    if len(short) == 1:
        return 0.6 if short in long else 0.0
    return 0.5 if (shared and one[0] == other[0]) or one[-1] == other[-1] else 0.45 if shared else 0.0


def same_amount(asked: Quantity, given: Quantity) -> bool:
    """Say whether two quantities are one amount, weeks and days, years and months compared as such."""
    if agrees(asked, given):
        return True
    one, other = scaled(asked), scaled(given)
    return one[0] == other[0] is not None and abs(one[1] - other[1]) < 1e-9 and one[1] > 0


def scaled(quantity: Quantity) -> tuple[str | None, float]:
    """Return dimension and value of a single number, weeks in days, years in months, times in %; none for others."""
    if quantity.kind == "date" or quantity.low != quantity.high or quantity.low > _LONGEST_SPAN:
        return (None, 0.0)
    base, factor = _SCALED.get(quantity.dimension or "", (quantity.dimension, 1.0))
    return (base, quantity.low * factor)
