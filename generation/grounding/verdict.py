"""What a check of a statement says."""

from dataclasses import dataclass

from wenyuan.answers import Support


@dataclass(frozen=True, slots=True)
class Span:
    """``evidence[source].text[start:end]``: a part of a passage that carries a part of a statement."""

    source: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What speaks against a statement. Where it is not ``sure`` the passages may say the same in other words."""

    reason: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the passages carry a statement, by which spans of them, and why not when they do not.

    ``source``, ``start`` and ``end`` are those of the first span, the one that carries most. ``score`` is the chance, 0
    to 1, that the passages say what the statement says. ``reasons``, of a partial verdict what is in doubt: ``number``,
    ``unit``, ``date``, ``range``, ``name``, ``code``, ``role``, ``negation``, ``coverage``, ``no_content``, ``empty``.
    """

    support: Support
    source: int
    start: int
    end: int
    score: float
    reasons: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
