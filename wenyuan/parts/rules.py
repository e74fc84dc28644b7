"""What names parts of a document that have policies of their own."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Final

#: Rules of one document.
MAX_RULES: Final = 100


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of tables in which the column of that name says one of ``values``, all compared without white space."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Rows by number, from the first to the last; ``seal`` tells whether they still say what they did."""

    first: int
    last: int
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Selector:
    """Names a part; of what is given all must hold, and something must be given.

    ``heading``: headings one below the other, the section and all below it. ``pages``: first and last page. ``sheet``:
    the name of a sheet. ``rows`` or ``numbers``: only rows of the tables in that part.
    """

    heading: tuple[str, ...] = ()
    pages: tuple[int, int] | None = None
    sheet: str | None = None
    rows: Rows | None = None
    numbers: Numbers | None = None

    @property
    def key(self) -> str:
        """Return the same for selectors that say the same."""
        said = {name: value for name, value in asdict(self).items() if name != "numbers" or value is not None}
        return json.dumps(said, ensure_ascii=False, sort_keys=True)

    @property
    def unsealed(self) -> "Selector":
        """Return the selector without what its rows say."""
        return self if self.numbers is None else replace(self, numbers=replace(self.numbers, seal=""))


@dataclass(frozen=True, slots=True)
class Rule:
    """What ``selector`` names is read under the policy besides the document's."""

    id: str
    selector: Selector
    policy_id: int


def digest_of(rules: Iterable[Rule]) -> str:
    """Return what names the borders that rules draw, whatever their policies say; empty for none."""
    keys = sorted(rule.selector.key for rule in rules)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest() if keys else ""


def comparable(text: str) -> str:
    """Return a text as it is compared: without white space, widths and case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
