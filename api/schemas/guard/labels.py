"""The metadata of generated content."""

from pydantic import BaseModel

from generation.guard.label import metadata


class AigcBody(BaseModel):
    """The metadata of GB 45438-2025; names and values are the standard's. ``ReservedCode1``: SHA-256 of the text."""

    Label: str
    ContentProducer: str
    ProduceID: str
    ReservedCode1: str
    ContentPropagator: str
    PropagateID: str
    ReservedCode2: str

    @classmethod
    def of(cls, text: str, produce_id: str, producer: str) -> "AigcBody":
        """Return the metadata of an answer's text."""
        return cls(**metadata(text, produce_id, producer))
