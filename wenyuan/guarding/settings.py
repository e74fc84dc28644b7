"""Settings of the guard: personal data, words that are not answered, the label of generated content."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from wenyuan.people.settings import Section


class Treatment(StrEnum):
    """What becomes of personal data in what is shown, from the mildest on."""

    ALLOW = "allow"
    TAG = "tag"
    MASK = "mask"
    BLOCK = "block"

    @property
    def strictness(self) -> int:
        """Its place among them."""
        return list(Treatment).index(self)


PersonalKind = Literal[
    "secret",
    "email",
    "iban",
    "id_card",
    "credit_code",
    "bank_card",
    "mobile",
    "landline",
    "ssn",
    "phone",
    "passport",
    "plate",
    "ip",
]


class GuardSettings(Section):
    """What is shown of what answers say.

    ``personal``: what becomes of personal data of the ``kinds`` (empty: all) in answers, quotes and passages;
    ``personal_levels``: by the key of a level of classification. ``moderation``: questions and answers are checked
    against the word lists, but for the ``without`` categories, with the entries of the files ``words`` as well, and by
    the classifier at ``classifier_url`` (OpenAI's shape of moderations) where one is named; ``classifier_fails``: what
    counts when it does not answer within ``classifier_s``. ``producer``: who the metadata of generated content names,
    the code of the company as GB 45438 has it.
    """

    personal: Treatment = Treatment.TAG
    personal_levels: dict[str, Treatment] = Field({})
    kinds: tuple[PersonalKind, ...] = ()
    moderation: bool = True
    without: tuple[str, ...] = ()
    words: tuple[Path, ...] = ()
    classifier_url: str | None = None
    classifier_model: str | None = None
    classifier_api_key: SecretStr | None = None
    classifier_s: float = Field(2, gt=0)
    classifier_fails: Literal["open", "closed"] = "open"
    producer: str = Field("Wenyuan", min_length=1, max_length=128)

    @model_validator(mode="after")
    def _endpoint_is_an_address(self) -> "GuardSettings":
        if self.classifier_url is not None and not self.classifier_url.startswith(("https://", "http://")):
            raise ValueError("guard.classifier_url needs http:// or https://")
        return self
