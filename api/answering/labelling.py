"""The label of generated content beside every text of an answer that leaves."""

from typing import Any

from api.schemas.guard.labels import AigcBody
from api.services import Services
from generation.guard.label import LABEL


def label_in(language: str) -> str:
    """Return the words of the label in the language of an answer."""
    return LABEL["zh" if language == "zh" else "en"]


def labels(services: Services, text: str, produce_id: str, language: str) -> dict[str, Any]:
    """Return both labels of an answer, as its last event carries them."""
    told = AigcBody.of(text, produce_id, services.guard.producer)
    return {"label": label_in(language), "aigc": told.model_dump()}
