"""The guard as a whole: what is not answered, what is not sent, and how texts are shown."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Final

from generation.guard.classifier import Classifier
from generation.guard.personal.policy import PersonalPolicy, Shown
from generation.guard.words.lists import load_lists
from generation.guard.words.moderation import Words
from wenyuan.guarding.errors import QuestionRefused
from wenyuan.guarding.settings import GuardSettings
from wenyuan.people.settings import LevelSettings

FLAGGED: Final = "classifier"
_FLAGGED_NAMES: Final = ("内容分类器判定", "flagged by the classifier")


class Guard:
    """Checks questions and answers by the settings."""

    def __init__(self, settings: GuardSettings, lattice: Sequence[LevelSettings]) -> None:
        """Read the lists; raises ``SettingsError`` for one that cannot be read."""
        self.personal = PersonalPolicy(settings, lattice)
        self.producer = settings.producer
        self._names = {FLAGGED: _FLAGGED_NAMES}
        self._lists = load_lists(settings.without, settings.words) if settings.moderation else None
        self._names |= {} if self._lists is None else self._lists.categories
        self._built: Words | None = None
        self._building = threading.Lock()
        url = settings.classifier_url
        self._classifier = Classifier(url, settings) if url is not None else None

    @property
    def endpoint(self) -> str | None:
        """Where texts are sent to be classified, None when they stay in this process."""
        return None if self._classifier is None else self._classifier.endpoint

    def warm_up(self) -> None:
        """Build the tables, which the first text would wait for otherwise; blocking."""
        self._listed("")

    def _listed(self, text: str) -> str | None:
        if self._lists is None:
            return None
        with self._building:
            if self._built is None:
                self._built = Words(self._lists)
        return self._built.category(text)

    async def category(self, text: str) -> str | None:
        """Return the category for which ``text`` is not answered or not sent, None for none."""
        found = None if self._lists is None else await asyncio.to_thread(self._listed, text)
        if found is not None:
            return found
        if self._classifier is not None and await self._classifier.flags(text):
            return FLAGGED
        return None

    async def check_question(self, text: str) -> None:
        """Raise ``QuestionRefused`` for a question that is not answered."""
        category = await self.category(text)
        if category is not None:
            zh, en = self._names[category]
            raise QuestionRefused(zh=zh, en=en)

    def shown(self, text: str, levels: Sequence[int] = (), span: tuple[int, int] | None = None) -> Shown:
        """Return ``text``, or ``span`` of it, as it may be shown where it is made of passages of these levels."""
        return self.personal.shown(text, levels, span)
