"""Does the evidence carry a statement? Numbers, units, dates, names and negation must agree; words must be covered."""

from generation.grounding.conflicts import Disagreement, disagree
from generation.grounding.grounder import Grounder
from generation.grounding.verdict import Span, Verdict

__all__ = ["Disagreement", "Grounder", "Span", "Verdict", "disagree"]
