"""What the tests of answers have in common: a model that says what it is told to."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.chat_endpoint import Endpoint, running_endpoint


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with running_endpoint() as running:
        yield running
