"""What is found out about a version without a model.

The patterns of the finders take a tenth of a second to compile: this is imported when a version is first described.
"""

from collections.abc import Mapping

from ingest.enrich.dates import dates
from ingest.enrich.entities import entities
from ingest.enrich.keywords import keywords, weigh
from ingest.enrich.kinds import kind_of
from ingest.enrich.reading import Reading
from ingest.enrich.summary import summarise
from ingest.enrich.terms import terms
from wenyuan.documents import DocumentKind, Profile
from wenyuan.ports import Vectors
from wenyuan.settings import EnrichSettings


def profile_of(settings: EnrichSettings, reading: Reading, media_type: str, vectors: Mapping[int, Vectors]) -> Profile:
    """Return what needs no model: a pure function of its arguments."""
    weighed = weigh(reading) if {settings.summary, settings.keywords} != {"none"} else {}
    summary = summarise(reading, weighed, vectors) if settings.summary != "none" else ()
    words = keywords(weighed) if settings.keywords != "none" else ()
    kind, confidence = kind_of(reading, media_type) if settings.kind else (DocumentKind.UNKNOWN, 0.0)
    return Profile(
        language=reading.language,
        kind=kind,
        confidence=confidence,
        summary=summary,
        summary_by="extractive" if summary else None,
        keywords=words,
        keywords_by="statistical" if words else None,
        dates=dates(reading) if settings.dates else (),
        terms=terms(reading) if settings.terms else (),
        entities=entities(reading) if settings.entities else (),
    )
