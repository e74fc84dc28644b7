"""Progress as the caller sees it: pages that are parsed and whose pictures are read."""

from ingest.sandbox.protocol import Progress


class Report:
    """Counts pages for the caller: pages parsed, less those that still wait for recognition."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._tell = on_progress
        self._done = 0
        self._held = 0
        self._shown = 0
        self.total = 0

    def __call__(self, done: int, total: int) -> None:
        """Note what the parser says."""
        self._done, self.total = done, total
        # Until parsing ends nobody knows which pages wait for recognition, so the last page is not announced yet.
        self._show(min(done, total - 1))

    @property
    def current(self) -> int | None:
        """The page being parsed, None before the first."""
        return self._done + 1 if self.total else None

    def restart(self) -> None:
        """Parsing begins again from the first page."""
        self._done = self.total = 0

    def hold(self, pages: int) -> None:
        """Parsing has ended; ``pages`` still wait."""
        self._held = pages
        self._show(self.total - pages)

    def release(self) -> None:
        """One page less waits."""
        self._held -= 1
        self._show(self.total - self._held)

    def _show(self, done: int) -> None:
        # Pages that turn out to wait were counted already; a count that falls would look broken.
        self._shown = max(done, self._shown)
        if self._tell is not None and self.total:
            self._tell(self._shown, self.total)
