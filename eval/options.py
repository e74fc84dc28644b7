"""What a run is asked for, and how it tells its progress."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    dataset: Path
    layout: str
    out: Path
    limit: int | None = None
    user: str | None = None
    depth: int = 100
    arms: bool = False
    answers: bool = False
    reuse: bool = False


class Told:
    """Progress on the terminal, a bar for each stage; silent where standard error is no terminal."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars

    def stage(self, name: str) -> Callable[[int, int], None]:
        """Begin a stage and return what is to be called with (done, in all)."""
        bar = self._bars.add_task(name, total=None)
        return lambda done, total: self._bars.update(bar, completed=done, total=total)


class Bars:
    """Opens and closes the progress display."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)

    def __enter__(self) -> Told:
        self._bars.start()
        return Told(self._bars)

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
