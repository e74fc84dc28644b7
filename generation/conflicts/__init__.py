"""Where passages disagree with each other or with the question, and which of them another one has replaced."""

from generation.conflicts.differing import Disagreement, disagree

__all__ = ["Disagreement", "disagree"]
