"""What explanations say: a sentence in both languages for each stable code."""

from collections.abc import Mapping
from typing import Final

from wenyuan.access import Effect, Subject, SubjectKind
from wenyuan.db.access.review.explain import Explanation, Judged, Match, Reason
from wenyuan.errors import Language
from wenyuan.people.settings import AccessSettings

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    Reason.ACCOUNT_UNKNOWN: ("账号不存在", "there is no such account"),
    Reason.ACCOUNT_DISABLED: ("账号已停用", "the account is disabled"),
    Reason.ACCOUNT_EMPLOYMENT: ("已离职或暂停", "the person has left or is suspended"),
    Reason.ACCOUNT_WINDOW: ("不在账号有效期内", "outside of the time of the account"),
    Reason.CHAIN_INCOMPLETE: ("上级策略缺失，任何人不可见", "a policy above is missing, so nobody may read"),
    Reason.POLICY_WINDOW: ("不在策略有效期内", "outside of the time of the policy"),
    Reason.POLICY_LEVEL: (
        "密级不足：需要“{needed}”，现为“{held}”",
        "clearance too low: {needed} is asked, {held} held",
    ),
    Reason.POLICY_COMPARTMENT: ("缺少隔离类别：{lacking}", "compartments that are not held: {lacking}"),
    Reason.POLICY_STAFF_ONLY: ("仅限内部员工", "for staff only"),
    Reason.ENTRY_DENIED: ("被拒绝（拒绝优先）：{path}", "denied, and denials win: {path}"),
    Reason.ENTRY_NONE: ("没有任何允许条目指向该用户", "no permission names the person"),
    Reason.ENTRY_ALLOWED: ("被允许：{path}", "allowed: {path}"),
    "entry.not_now": ("条目不在有效期内，不计：{path}", "outside of its time, does not count: {path}"),
}
_KINDS: Final = {
    SubjectKind.USER: ("本人", "the person"),
    SubjectKind.GROUP: ("用户组", "group"),
    SubjectKind.DEPARTMENT: ("部门", "department"),
    SubjectKind.ROLE: ("岗位角色", "role"),
    SubjectKind.EVERYONE: ("所有账号", "everyone"),
}
_BARE: Final = {SubjectKind.USER, SubjectKind.EVERYONE}


class Words:
    """Sentences in one language, with the names of subjects and levels."""

    def __init__(self, language: Language, settings: AccessSettings, names: Mapping[Subject, str]) -> None:
        self._side = 0 if language == "zh" else 1
        self._levels = [(one.zh, one.en)[self._side] for one in settings.lattice]
        self._names = names

    def name(self, subject: Subject) -> str:
        """Return the name of a subject, its id where it has none."""
        return self._names.get(subject) or subject.id

    def of_match(self, match: Match) -> tuple[str, str]:
        """Return code and sentence for an entry that names the person."""
        code = "entry.not_now"
        if match.counts:
            code = Reason.ENTRY_ALLOWED if match.effect is Effect.ALLOW else Reason.ENTRY_DENIED
        return str(code), self._say(code, path=self._way(match))

    def of_condition(self, reason: Reason, rule: Judged, clearance: int) -> str:
        """Return a sentence for a condition of a policy that is not met."""
        return self._say(
            reason,
            needed=self._level(rule.policy.classification),
            held=self._level(clearance),
            lacking="、".join(sorted(rule.lacking)) if self._side == 0 else ", ".join(sorted(rule.lacking)),
        )

    def of_reason(self, reason: Reason, told: Explanation) -> str:
        """Return a sentence for what decides, or speaks against, as a whole."""
        if reason in {Reason.ENTRY_DENIED, Reason.ENTRY_ALLOWED}:
            effect = Effect.DENY if reason is Reason.ENTRY_DENIED else Effect.ALLOW
            counting = [one for rule in told.rules for one in rule.matches if one.counts and one.effect is effect]
            return self._say(reason, path=self._way(min(counting, key=lambda one: len(one.path))))
        rule = next((rule for rule in told.rules if reason in rule.failed), None)
        if rule is None or told.reader is None:
            return self._say(reason)
        return self.of_condition(reason, rule, told.reader.clearance)

    def _say(self, code: str, **given: str) -> str:
        return _SENTENCES[code][self._side].format(**given)

    def _level(self, level: int) -> str:
        return self._levels[level] if 0 <= level < len(self._levels) else str(level)

    def _way(self, match: Match) -> str:
        return " → ".join(self._step(one) for one in match.path)

    def _step(self, subject: Subject) -> str:
        kind = _KINDS[subject.kind][self._side]
        return kind if subject.kind in _BARE else f"{kind} {self.name(subject)}"
