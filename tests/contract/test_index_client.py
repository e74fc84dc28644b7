"""The client of a cluster, on the client's own local mode."""

from collections.abc import AsyncIterator

import pytest
from qdrant_client import AsyncQdrantClient

from retrieval.index import client as adapter
from retrieval.index.client import LOCAL, ClientIndex
from tests.contract.index_kit import DIMENSION, FINGERPRINT, IndexContract, Opener
from wenyuan.errors import TransientError
from wenyuan.ports import VectorIndex

# The local mode is always exact and says so.
pytestmark = pytest.mark.filterwarnings("ignore:Local mode performs exact")


class TestClientIndex(IndexContract):
    @pytest.fixture
    async def opener(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opener]:
        """Open one local engine again and again, as if it were a server that outlives its clients."""
        engine = AsyncQdrantClient(LOCAL)
        close = engine.close

        async def stay_open() -> None:
            """A client's close leaves the server running."""

        monkeypatch.setattr(engine, "close", stay_open)
        monkeypatch.setattr(adapter, "AsyncQdrantClient", lambda *_args, **_kwargs: engine)

        async def open_again(fingerprint: str) -> VectorIndex:
            return await ClientIndex.open(LOCAL, "wenyuan", fingerprint, DIMENSION)

        yield open_again
        await close()


async def test_a_collection_that_is_gone_does_not_answer() -> None:
    index = await ClientIndex.open(LOCAL, "wenyuan", FINGERPRINT, DIMENSION)
    await index._client.delete_collection("wenyuan")
    with pytest.raises(TransientError):
        await index.ping()
    await index.close()


async def test_a_server_that_is_away_is_a_transient_error() -> None:
    with pytest.raises(TransientError):
        await ClientIndex.open("http://127.0.0.1:9", "wenyuan", FINGERPRINT, DIMENSION)
