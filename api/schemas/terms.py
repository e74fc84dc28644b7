"""Bodies of the term base, and its form as CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from api.schemas.common import Body
from wenyuan.db.texts.terms import MAX_TERMS, NewTerm, Term
from wenyuan.errors import TermInvalid
from wenyuan.text import FORMULA_STARTS, one_line
from wenyuan.words.phrases import units

MAX_SYNONYMS: Final = 32
COLUMNS: Final = ("term", "synonyms", "language")
_BETWEEN: Final = "|"
_LONGEST: Final = 500
_QUOTE: Final = "'"


def _has_units(form: str) -> str:
    """Refuse a form that matching would not see, or that unfolds to more than the table holds."""
    if not units(form):
        raise ValueError("no letters / 没有文字")
    if len(" ".join(units(form))) > _LONGEST:
        raise ValueError("too long / 过长")
    return form


Form = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^[^|]*$"),
    AfterValidator(one_line),
    AfterValidator(_has_units),
]


class NewTermBody(Body):
    """A term: its name, other words for the same thing, the language of the name (empty: any)."""

    name: Form
    synonyms: list[Form] = Field(default_factory=list, max_length=MAX_SYNONYMS)
    language: Literal["", "zh", "en"] = ""

    def term(self) -> NewTerm:
        """Return the term to store; synonyms that repeat the name or one another are dropped."""
        kept = {units(form): form for form in reversed(self.synonyms)}
        kept.pop(units(self.name), None)
        return NewTerm(self.name, tuple(reversed(kept.values())), self.language)


class NamedTermBody(BaseModel):
    """A term in the form that import takes."""

    name: str
    synonyms: list[str]
    language: str

    @classmethod
    def of(cls, term: Term) -> "NamedTermBody":
        """Return the body of a term."""
        return cls(name=term.name, synonyms=list(term.synonyms), language=term.language)


class TermBody(NamedTermBody):
    """A stored term, who changed it last, and when (seconds since 1970)."""

    id: str
    author: str
    updated_at: float

    @classmethod
    def stored(cls, term: Term) -> "TermBody":
        """Return the body of a stored term."""
        named = NamedTermBody.of(term).model_dump()
        return cls(**named, id=term.id, author=term.author, updated_at=term.updated_at)


class TermListBody(BaseModel):
    """The terms of a space by name; ``can_edit`` if the caller manages the space."""

    items: list[TermBody]
    can_edit: bool


class TermImportBody(Body):
    """Terms to import, as a list or as CSV (columns term, synonyms, language; synonyms parted by ``|``).

    ``replace`` removes the terms that the space has; else those of the same name are replaced.
    """

    items: list[NewTermBody] | None = Field(default=None, max_length=MAX_TERMS)
    csv: str | None = None
    replace: bool = False

    def terms(self) -> list[NewTerm]:
        """Return the terms to store; raises ``TermInvalid`` with the number of the first wrong one."""
        given = [body.term() for body in self.items or ()]
        return given + [body.term() for body in read_csv(self.csv or "")]


class TermImportedBody(BaseModel):
    """How many terms were new, and how many the space has now."""

    added: int
    total: int


def read_csv(text: str) -> Iterator[NewTermBody]:
    """Yield the terms of CSV text, a line of column names first; raises ``TermInvalid`` with the number of the term."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if names and COLUMNS[0] not in names:
            raise TermInvalid(line=0, reason=f"columns / 列：{', '.join(COLUMNS)}")
        for line, row in enumerate(rows, start=1):
            cells = {name: _unquoted(cell.strip()) for name, cell in zip(names, row, strict=False)}
            if any(cells.values()):
                yield _term(line, cells)
    except csv.Error as error:
        raise TermInvalid(line=0, reason=f"CSV: {error}") from error


def write_csv(terms: list[Term]) -> str:
    """Return terms as CSV that a spreadsheet opens without running anything in it, and ``read_csv`` reads back."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for term in terms:
        writer.writerow([_quoted(term.name), _quoted(_BETWEEN.join(term.synonyms)), term.language])
    return file.getvalue()


def _term(line: int, cells: dict[str, str]) -> NewTermBody:
    synonyms = [form.strip() for form in cells.get("synonyms", "").split(_BETWEEN)]
    values = {"name": cells.get("term", ""), "synonyms": [form for form in synonyms if form]}
    try:
        return NewTermBody.model_validate(values | {"language": cells.get("language", "").lower()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise TermInvalid(line=line, reason=f"{first['loc'][0]}: {first['msg']}") from error


def _quoted(cell: str) -> str:
    return _QUOTE + cell if cell.startswith((*FORMULA_STARTS, _QUOTE)) else cell


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith(_QUOTE) and cell[1:].startswith((*FORMULA_STARTS, _QUOTE)) else cell
