"""Explanations, reports and previews as bodies."""

from collections.abc import Mapping, Sequence

from api.routers.access import bodies
from api.routers.access.words import Words
from api.schemas.policies.sections import SelectorBody
from wenyuan.access import AccessScope
from wenyuan.db.access.review.asked import Asked, places_of
from wenyuan.db.access.review.explain import Explanation, Judged, Match, subjects_in
from wenyuan.db.access.review.reach import names_of
from wenyuan.db.access.review.sections import ExplainedPart
from wenyuan.db.access.review.weighing import Change
from wenyuan.db.engine import ReadConnection
from wenyuan.errors import Language
from wenyuan.people.settings import AccessSettings


def explanation_shown(
    tx: ReadConnection,
    told: Explanation,
    document: Asked,
    scope: AccessScope,
    parts: Sequence[ExplainedPart],
    language: Language,
    settings: AccessSettings,
) -> bodies.ExplanationBody:
    """Return the body of an explanation about an account that there is, with those of the document's parts."""
    every = [told, *(one.explanation for one in parts)]
    words = Words(language, settings, names_of(tx, subjects_in(every)))
    places = places_of(tx, document, [rule.policy_id for rule in told.rules], scope)
    rules = []
    for rule in told.rules:
        place = places.get(rule.policy_id)
        rules.append(
            bodies.RuleBody(
                place=bodies.PlaceOfRuleBody(kind="other", id="", name=None)
                if place is None
                else bodies.PlaceOfRuleBody.model_validate(place, from_attributes=True),
                policy_id=rule.policy_id,
                inherits=rule.policy.inherits,
                failed=_failed(words, told, rule),
                matches=[match_shown(words, one) for one in rule.matches],
            )
        )
    deciding = told.deciding
    return bodies.ExplanationBody(
        user=person_shown(told),
        document=document_shown(document),
        allowed=told.allowed,
        code=told.decided.value,
        message=words.of_reason(told.decided, told),
        deciding=None if deciding is None else match_shown(words, deciding),
        against=[bodies.FailedBody(code=one.value, message=words.of_reason(one, told)) for one in told.against],
        rules=rules,
        parts=[part_shown(words, told, one) for one in parts],
    )


def part_shown(words: Words, document: Explanation, part: ExplainedPart) -> bodies.ExplainedPartBody:
    """Return the body of what a part's rule means for somebody of whom the document's explanation is."""
    own = part.explanation
    deciding, told = own.deciding, own if document.allowed or not own.allowed else document
    return bodies.ExplainedPartBody(
        id=part.id,
        selector=None if part.selector is None else SelectorBody.of(part.selector),
        allowed=document.allowed and own.allowed,
        code=told.decided.value,
        message=words.of_reason(told.decided, told),
        deciding=None if deciding is None else match_shown(words, deciding),
        against=[bodies.FailedBody(code=one.value, message=words.of_reason(one, own)) for one in own.against],
    )


def readers_shown(
    tx: ReadConnection,
    told: Sequence[Explanation],
    closed: Mapping[str, int],
    language: Language,
    settings: AccessSettings,
) -> list[bodies.ReaderBody]:
    """Return the bodies of people who may read, with what lets them; ``closed``: parts closed to them, by id."""
    words = Words(language, settings, names_of(tx, subjects_in(told)))
    return [
        bodies.ReaderBody(
            user=person_shown(one),
            deciding=match_shown(words, one.deciding),
            closed_parts=closed.get(one.reader.id, 0),
        )
        for one in told
        if one.deciding is not None and one.reader is not None
    ]


def match_shown(words: Words, match: Match) -> bodies.MatchBody:
    """Return the body of an entry that names somebody."""
    code, message = words.of_match(match)
    return bodies.MatchBody(
        effect=match.effect.value,
        path=[bodies.StepBody(kind=one.kind.value, name=words.name(one)) for one in match.path],
        not_before=match.window.start,
        not_after=match.window.end,
        counts=match.counts,
        code=code,
        message=message,
    )


def person_shown(told: Explanation) -> bodies.PersonBody:
    """Return the body of the person whom an explanation is about."""
    reader = told.reader
    if reader is None:
        raise ValueError("an explanation about nobody")
    return bodies.PersonBody(id=reader.id, name=reader.name, display_name=reader.display_name)


def document_shown(document: Asked) -> bodies.ExplainedDocumentBody:
    """Return the body of a document that somebody asks about."""
    return bodies.ExplainedDocumentBody(id=document.id, space=document.space, title=document.title)


def changes_shown(changes: Sequence[Change], limit: int) -> bodies.PreviewBody:
    """Return the body of who gains and who loses."""
    items = [
        bodies.ChangeBody(
            user=bodies.PersonBody(id=one.user_id, name=one.name, display_name=one.display_name),
            gained=one.gained,
            lost=one.lost,
            partly=one.partly,
            parts_gained=one.parts_gained,
            parts_lost=one.parts_lost,
        )
        for one in changes[:limit]
    ]
    return bodies.PreviewBody(
        gaining=sum(one.gained + one.parts_gained > 0 for one in changes),
        losing=sum(one.lost + one.parts_lost > 0 for one in changes),
        gained=sum(one.gained for one in changes),
        lost=sum(one.lost for one in changes),
        partly=sum(one.partly for one in changes),
        parts_gained=sum(one.parts_gained for one in changes),
        parts_lost=sum(one.parts_lost for one in changes),
        items=items,
    )


def _failed(words: Words, told: Explanation, rule: Judged) -> list[bodies.FailedBody]:
    clearance = 0 if told.reader is None else told.reader.clearance
    return [bodies.FailedBody(code=one.value, message=words.of_condition(one, rule, clearance)) for one in rule.failed]
