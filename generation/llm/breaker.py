"""A circuit breaker and a retry budget: a failing endpoint costs neither the asker time nor the endpoint load."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock


class CircuitBreaker:
    """Opens when half of the last ``window`` calls failed; lets one trial through ``cool_s`` seconds later.

    Retries draw on a budget: a tenth of one per call, at most ``window / 10`` saved up. Safe to use from several
    threads.
    """

    def __init__(self, window: int = 20, cool_s: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._results: deque[bool] = deque(maxlen=window)
        self._window = window
        self._cool_s = cool_s
        self._clock = clock
        self._opened: float | None = None
        self._trial = False
        self._budget = window / 10
        self._lock = Lock()

    def allow(self) -> bool:
        """Say whether a call may go out now. Every call let out must end in ``record`` or ``abandon``."""
        with self._lock:
            self._budget = min(self._window / 10, self._budget + 0.1)
            if self._opened is None:
                return True
            if self._trial or self._clock() - self._opened < self._cool_s:
                return False
            self._trial = True
            return True

    def record(self, ok: bool) -> None:
        """Note the outcome of a call."""
        with self._lock:
            if self._opened is not None:
                self._trial = False
                self._opened = None if ok else self._clock()
                self._results.clear()
                return
            self._results.append(ok)
            if 2 * self._results.count(False) >= self._window:
                self._opened = self._clock()
                self._results.clear()

    def abandon(self) -> None:
        """Note that a call ended without telling anything about the endpoint (the asker went away)."""
        with self._lock:
            self._trial = False

    def take_retry(self) -> bool:
        """Take one retry from the budget; False when it is used up or the circuit is open."""
        with self._lock:
            if self._opened is not None or self._budget < 1:
                return False
            self._budget -= 1
            return True
