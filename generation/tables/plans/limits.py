"""Numbers of cells against a number that a question names: in one unit and scale, however each is told."""

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Final

from generation.tables.reading.asking import Asked, Comparison
from generation.tables.reading.mentions import scale_of
from generation.tables.reading.relation import Relation
from generation.tables.reading.scales import FACTORS, scale_at
from wenyuan.words.quantities import Quantity

SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
#: Further apart than this, two numbers are told in different scales.
_APART: Final = 200.0


def asks_whether(asked: Asked) -> bool:
    """Whether a question asks for yes or no about a number: is it above, has it reached."""
    return asked.whether and sum(one.value is not None for one in asked.comparisons) == 1


def meets(comparison: Comparison, relation: Relation, row: int, column: int) -> bool:
    """Whether the number of a cell meets a comparison with a number, told in the scale of the table or in full."""
    if comparison.value is None:
        return False
    number = _compared_as(comparison.value, relation, row, column)
    return number is not None and SIGNS[comparison.sign](number, comparison.value.low)


def _compared_as(value: Quantity, relation: Relation, row: int, column: int) -> float | None:
    """Return the number of a cell in the unit of what it is compared with, None where there is none."""
    place = relation.at(row, column)
    if place.number is None or place.personal or not place.text:
        return None
    dimension, factor = scale_of(place.unit)
    if value.dimension and dimension and value.dimension != dimension:
        return None
    scale = float(FACTORS.get(scale_at(relation, row, column), 1))
    if value.dimension is None:  # as it is written, unless it can but be told in full
        return place.number * (scale if value.low > _APART * abs(place.number) else 1.0)
    return place.number * (factor if dimension else 1.0) * scale
