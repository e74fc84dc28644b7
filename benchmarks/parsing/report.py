"""Measured values beside their bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.machine import calibration_ms, machine_facts


@dataclass(frozen=True, slots=True)
class Bar:
    """A value that must reach ``bar``, or must not exceed it if ``most``; None where it is only reported."""

    name: str
    value: float
    bar: float | None
    most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bar holds; a value that is only reported always does."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.most else self.value >= self.bar


def verdict(bars: Sequence[Bar]) -> int:
    """Print values, bars and the machine; return 0 when all bars hold, else 1."""
    for bar in bars:
        limit = "" if bar.bar is None else f"{'<=' if bar.most else '>='} {bar.bar:g}"
        state = "" if bar.bar is None else "pass" if bar.holds else "FAIL"
        print(f"{bar.name:44} {bar.value:9.4f}  {limit:10} {state}")
    facts = machine_facts()
    print(f"machine: {facts['cpu']}, {facts['cores']} cores, load {facts['load_1min']}")
    print(f"calibration loop: {calibration_ms():.1f} ms")
    return 0 if all(bar.holds for bar in bars) else 1
