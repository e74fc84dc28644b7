"""Formulas read as LaTeX by a vision model behind an OpenAI-compatible address."""

import re
from typing import Final

from ingest.ocr.vision.endpoint import VisionEndpoint
from wenyuan.errors import EndpointError
from wenyuan.settings import IngestSettings
from wenyuan.text import strip_invisible

_PROMPT: Final = "Formula: Return the LaTeX of the formula in this picture, without its number, and nothing else."
_MAX_CHARS: Final = 4000
_FENCED: Final = re.compile(r"```\w*\s*(.*?)\s*```", re.DOTALL)
_DISPLAYED: Final = (("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$"))
_BRACES: Final = re.compile(r"(?<!\\)(?:\\\\)*[{}]")


class FormulaEndpoint:
    """Reads pictures of formulas."""

    def __init__(self, endpoint: VisionEndpoint) -> None:
        self._endpoint = endpoint
        self.model = endpoint.model

    async def latex(self, bitmap_png: bytes) -> str:
        """Return the LaTeX of the formula in a picture, without delimiters.

        Raises ``EndpointError`` as ``VisionEndpoint.read`` does, and for an answer that is no formula.
        """
        latex = _undelimited(strip_invisible(await self._endpoint.read(bitmap_png)))
        if not latex or len(latex) > _MAX_CHARS or not _is_balanced(latex):
            raise EndpointError(reason="formula: not LaTeX")
        return latex

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()


def open_formula_endpoint(settings: IngestSettings) -> FormulaEndpoint | None:
    """Return the configured endpoint, None without one."""
    if settings.formula_url is None or settings.formula_model is None:
        return None
    key = settings.formula_api_key.get_secret_value() if settings.formula_api_key is not None else None
    return FormulaEndpoint(
        VisionEndpoint(settings.formula_url, settings.formula_model, key, settings.ocr_page_s, _PROMPT)
    )


def _undelimited(answer: str) -> str:
    """Take the code fence and the marks of display away that models put around a formula."""
    fenced = _FENCED.fullmatch(answer.strip())
    text = (fenced[1] if fenced else answer).strip()
    for opening, closing in _DISPLAYED:
        if text.startswith(opening) and text.endswith(closing) and len(text) >= len(opening) + len(closing):
            text = text[len(opening) : len(text) - len(closing)].strip()
            break
    return " ".join(text.split())


def _is_balanced(latex: str) -> bool:
    depth = 0
    for match in _BRACES.finditer(latex):
        depth += 1 if match[0].endswith("{") else -1
        if depth < 0:
            return False
    return depth == 0
