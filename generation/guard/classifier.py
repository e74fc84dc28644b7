"""Whether an endpoint flags a text: any that speaks OpenAI's shape of moderations."""

import asyncio
import json
from typing import Any, Final

import structlog

from wenyuan.guarding.settings import GuardSettings
from wenyuan.outbound import Guard as Outbound
from wenyuan.outbound import endpoint_name, guarded_async_client

_OK: Final = 200
_MAX_ANSWER: Final = 1 << 20
log = structlog.get_logger(__name__)


class Classifier:
    """A classifier behind HTTP. What it does not answer in time, or in its shape, counts as the settings say."""

    def __init__(self, url: str, settings: GuardSettings) -> None:
        """``url``: the server's ``/v1`` base, or the full address of the route."""
        self._settings = settings
        self._url = url if url.rstrip("/").endswith("/moderations") else f"{url.rstrip('/')}/moderations"
        self.endpoint = endpoint_name(self._url, settings.classifier_model)

    async def flags(self, text: str) -> bool:
        """Return whether the text is flagged."""
        import httpx

        try:
            async with asyncio.timeout(self._settings.classifier_s):
                return await self._asked(text)
        except (httpx.HTTPError, OSError, TimeoutError, ValueError, TypeError, LookupError, AttributeError) as error:
            log.warning("guard.classifier_failed", endpoint=self.endpoint, error=type(error).__name__)
            return self._settings.classifier_fails == "closed"

    async def _asked(self, text: str) -> bool:
        key = self._settings.classifier_api_key
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        body = {"input": text, "model": self._settings.classifier_model or "default"}
        guard = Outbound.for_endpoint(self._url)
        async with (
            guarded_async_client(guard, headers=headers, timeout=self._settings.classifier_s) as client,
            client.stream("POST", self._url, json=body) as response,
        ):
            if response.status_code != _OK:
                raise ValueError(response.status_code)
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > _MAX_ANSWER:
                    raise ValueError(len(data))
        told: dict[str, Any] = json.loads(data)
        return any(one["flagged"] is True for one in told["results"])
