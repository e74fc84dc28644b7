"""Models that think aloud inside their answer: the thoughts are no part of it."""

from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class Thoughts:
    """Drops a ``<think>`` block at the beginning of a streamed text, however the text is cut."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._begun = False

    def feed(self, delta: str) -> str:
        """Return what is answer; empty while it is not certain yet."""
        if self._begun:
            return delta
        self._held += delta
        if not self._thinking:
            lead = self._held.lstrip()
            if lead.startswith(_OPEN):
                self._thinking = True
            elif _OPEN.startswith(lead):
                return ""
            else:
                return self._release(self._held)
        _, closed, rest = self._held.partition(_CLOSE)
        if closed:
            return self._release(rest)
        self._held = self._held[-len(_CLOSE) :] if len(self._held) > len(_OPEN) + len(_CLOSE) else self._held
        return ""

    def close(self) -> str:
        """Return what is left at the end of the stream; thoughts that never ended are dropped."""
        return "" if self._begun or self._thinking else self._release(self._held)

    def _release(self, text: str) -> str:
        self._begun, self._held = True, ""
        return text
