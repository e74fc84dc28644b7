"""What a policy makes of personal data in what is shown. Nothing that is stored changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.guard.personal.kinds import Kind
from generation.guard.personal.scan import find_personal, masked
from wenyuan.guarding.settings import GuardSettings, Treatment
from wenyuan.people.settings import LevelSettings

BLOCKED: Final = "█"


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it may be shown, of the same length, and the kinds of personal data that stood in it.

    ``blocked``: nothing of it is shown.
    """

    text: str
    kinds: tuple[str, ...] = ()
    blocked: bool = False


class PersonalPolicy:
    """The treatment by level of classification."""

    def __init__(self, settings: GuardSettings, lattice: Sequence[LevelSettings]) -> None:
        """Take the settings; a level that they do not name is treated as by default."""
        self._default = settings.personal
        self._by_level = [settings.personal_levels.get(level.key, settings.personal) for level in lattice]
        self._kinds = frozenset(map(Kind, settings.kinds)) or None

    @property
    def by_level(self) -> bool:
        """Whether levels are treated differently, so that they have to be known."""
        return any(one is not self._default for one in self._by_level)

    def treatment(self, levels: Sequence[int]) -> Treatment:
        """Return the strictest treatment of some levels, the default without any."""
        known = [self._by_level[level] if level < len(self._by_level) else self._default for level in levels]
        return max(known, key=lambda one: one.strictness, default=self._default)

    def shown(self, text: str, levels: Sequence[int] = (), span: tuple[int, int] | None = None) -> Shown:
        """Return ``text`` as it may be shown where it is made of passages of these levels.

        With ``span`` only ``text[start:end]`` of it: what stands around it helps to tell what a number is.
        """
        start, end = (0, len(text)) if span is None else span
        said = text[start:end]
        treatment = self.treatment(levels)
        if treatment is Treatment.ALLOW:
            return Shown(said)
        found = [one for one in find_personal(text, self._kinds) if one.start < end and start < one.end]
        kinds = tuple(sorted({one.kind.value for one in found}))
        if not found or treatment is Treatment.TAG:
            return Shown(said, kinds)
        if treatment is Treatment.BLOCK:
            return Shown("".join(BLOCKED if char.strip() else char for char in said), kinds, blocked=True)
        return Shown(masked(text, found)[start:end], kinds)
