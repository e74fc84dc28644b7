"""Pictures read by a vision model behind an OpenAI-compatible address, such as PaddleOCR-VL on vLLM."""

import asyncio
import base64
import json
from typing import Any, Final

from ingest.ocr.vision.markdown import page_of_markdown
from wenyuan.documents import Block
from wenyuan.errors import EndpointError
from wenyuan.outbound import Guard, guarded_async_client
from wenyuan.settings import IngestSettings

_CONNECT_S: Final = 5.0
_MAX_ANSWER: Final = 4 * 2**20
_MAX_TOKENS: Final = 8192
_OK: Final = 200
_PAGE: Final = "OCR: Return the text of this page in reading order as Markdown, tables as HTML, and nothing else."


class VisionEndpoint:
    """Reads pictures over HTTP, one request each."""

    def __init__(self, url: str, model: str, api_key: str | None, page_s: float, prompt: str = _PAGE) -> None:
        """``url`` is the server's root, its ``/v1`` base or the full address of the chat route.

        ``page_s`` bounds the seconds of one request.
        """
        import httpx

        self.model = model
        self._prompt = prompt
        self._url = _route(url)
        self._page_s = page_s
        self._host = httpx.URL(self._url).netloc.decode()
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = guarded_async_client(
            Guard.for_endpoint(self._url), headers=headers, timeout=httpx.Timeout(page_s, connect=_CONNECT_S)
        )

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        """Return the blocks of a page in reading order, each with the box of the whole page; raises as ``read``."""
        return page_of_markdown(await self.read(bitmap_png), page, width, height)

    async def read(self, bitmap_png: bytes) -> str:
        """Return what the model answers to the picture.

        Raises ``EndpointError`` when the endpoint does not answer in time, refuses, or answers with no text in the
        form agreed; neither image nor text is in it.
        """
        import httpx

        try:
            async with asyncio.timeout(self._page_s):
                return _text_of(await self._ask(bitmap_png))
        except (TimeoutError, httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise EndpointError(reason=f"ocr: {self._host}: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, bitmap_png: bytes) -> Any:
        image = base64.b64encode(bitmap_png).decode("ascii")
        content = [
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}},
            {"type": "text", "text": self._prompt},
        ]
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "temperature": 0,
            "max_tokens": _MAX_TOKENS,
        }
        async with self._client.stream("POST", self._url, json=body) as response:
            if response.status_code != _OK:
                raise ValueError(response.status_code)
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > _MAX_ANSWER:
                    raise ValueError(_MAX_ANSWER)
        return json.loads(data)


def open_endpoint(settings: IngestSettings) -> VisionEndpoint | None:
    """Return the configured endpoint, None without one."""
    if settings.ocr_url is None or settings.ocr_model is None:
        return None
    key = settings.ocr_api_key.get_secret_value() if settings.ocr_api_key is not None else None
    return VisionEndpoint(settings.ocr_url, settings.ocr_model, key, settings.ocr_page_s)


def _route(url: str) -> str:
    base = url.rstrip("/")
    if base.endswith("/chat/completions"):
        return base
    return f"{base}/chat/completions" if base.endswith("/v1") else f"{base}/v1/chat/completions"


def _text_of(answer: Any) -> str:
    choice = answer["choices"][0]
    text = choice["message"]["content"]
    # A page that was cut off would be silently incomplete.
    if not isinstance(text, str) or not text.strip() or choice.get("finish_reason") == "length":
        raise ValueError(choice.get("finish_reason"))
    return text
