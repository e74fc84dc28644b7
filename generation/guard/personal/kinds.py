"""What kinds of personal data there are, and a place where one was found."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of personal data; the order is that in which overlapping finds are kept."""

    SECRET = "secret"  # noqa: S105  # the name of a kind: JWTs, keys of services
    EMAIL = "email"
    IBAN = "iban"
    ID_CARD = "id_card"
    CREDIT_CODE = "credit_code"
    BANK_CARD = "bank_card"
    MOBILE = "mobile"
    LANDLINE = "landline"
    SSN = "ssn"
    PHONE = "phone"
    PASSPORT = "passport"
    PLATE = "plate"
    IP = "ip"


ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Found:
    """One find: ``text[start:end]`` is a datum of ``kind``."""

    kind: Kind
    start: int
    end: int
