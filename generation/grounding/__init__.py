"""Does the evidence carry a statement? Numbers, units, dates, names and negation must agree; words must be covered."""

from generation.grounding.grounder import Grounder
from generation.grounding.verdict import Span, Verdict

__all__ = ["Grounder", "Span", "Verdict"]
