"""S3-compatible storage against the kit: moto's server in a process of its own."""

import asyncio
import dataclasses
import secrets
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from pydantic import SecretStr

from ingest.sources.connectors.factory import open_connector
from ingest.sources.connectors.s3 import S3Connector
from ingest.sources.errors import SourceMisconfigured
from ingest.sources.port import Connector
from tests.contract.sources.desk import Desk
from tests.contract.sources.kit import ConnectorContract, group_names
from tests.contract.sources.servers import free_port, server
from wenyuan.access import AccessPolicy
from wenyuan.db.access.directory import find_group
from wenyuan.db.engine import Connection
from wenyuan.db.sources import Source, get_source
from wenyuan.settings import SourceCredentials, SourceEndpoint, SourcesSettings

KEYS = SourceCredentials(user="key", password=SecretStr("secret"))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    with server(["-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], f"http://127.0.0.1:{port}") as url:
        yield url


class Bucket:
    """A bucket whose prefix ``shared/`` is the place."""

    settle_s = 0.0
    metadata = False

    def __init__(self, url: str) -> None:
        self.endpoint = SourceEndpoint(kind="s3", url=url)
        self.bucket = f"b-{secrets.token_hex(6)}"
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=Config(s3={"addressing_style": "path"}),
        )
        self._client.create_bucket(Bucket=self.bucket)

    async def put(self, key: str, data: bytes, prefix: str = "shared/", **more: Any) -> None:
        await asyncio.to_thread(self._client.put_object, Bucket=self.bucket, Key=prefix + key, Body=data, **more)

    async def remove(self, key: str) -> None:
        await asyncio.to_thread(self._client.delete_object, Bucket=self.bucket, Key=f"shared/{key}")

    async def rename(self, key: str, new: str) -> None:
        source = {"Bucket": self.bucket, "Key": f"shared/{key}"}
        await asyncio.to_thread(self._client.copy_object, Bucket=self.bucket, Key=f"shared/{new}", CopySource=source)
        await self.remove(key)

    def connect(self) -> Connector:
        return S3Connector(self.endpoint, KEYS, self.bucket, "shared/", metadata=self.metadata)


class TestS3(ConnectorContract):
    @pytest.fixture
    def place(self, address: str) -> Bucket:
        return Bucket(address)

    async def test_a_prefix_is_a_folder_and_keys_are_no_paths(self, place: Bucket, desk: Desk) -> None:
        await place.put("x.txt", b"of another folder", prefix="shared-too/")
        await place.put("", b"")
        await place.put("folder/", b"")
        await place.put("../up.txt", b"up")
        await place.put("a//b.txt", b"empty part")
        await place.put("ok.txt", b"fine")
        assert await desk.sync() is None
        assert await desk.titles() == {"ok"}
        assert await desk.errors() == {"../up.txt": "source.item_name", "a//b.txt": "source.item_name"}

    async def test_metadata_says_who_reads_an_object(self, place: Bucket, desk: Desk) -> None:
        place.metadata = True
        await place.put("a.txt", b"one", Metadata={"wenyuan-access": "allow: ['group:hr']"})
        await place.put("b.txt", b"two")
        await place.put("c.txt", b"three", Metadata={"wenyuan-access": "allow: everyone"})
        assert await desk.sync() is None
        found = await desk.documents()
        async with desk.database.read() as tx:
            assert group_names(found["a"].policy) == [await find_group(tx, "hr")]
        assert found["b"].policy.allow
        assert found["c"].policy == AccessPolicy()

    async def test_listings_go_over_pages(self, place: Bucket, desk: Desk) -> None:
        desk.limits = type(desk.limits)(items=5000, file_mb=1, settle_s=0)
        await asyncio.gather(*(place.put(f"{number:04}.txt", b"") for number in range(1005)))
        connector = place.connect()
        keys = [item.key async for item in connector.listing()]
        await connector.close()
        assert len(keys) == len(set(keys)) == 1005

    async def test_a_source_names_settings_and_cannot_leave_them(self, place: Bucket, desk: Desk) -> None:
        endpoint = place.endpoint.model_copy(update={"buckets": (place.bucket,), "credentials": "minio"})
        settings = SourcesSettings(endpoints={"store": endpoint}, credentials={"minio": KEYS})
        async with desk.database.read() as tx:
            source = await _source(tx, desk)
        await place.put("a.txt", b"one")
        desk.connect = lambda: open_connector(_with(source, bucket=place.bucket, prefix="shared"), settings)
        assert await desk.sync() is None
        assert await desk.titles() == {"a"}
        half = SourcesSettings(endpoints={"store": endpoint}, credentials={"minio": SourceCredentials(user="key")})
        for config, given in (({"bucket": "another"}, settings), ({"bucket": place.bucket}, half)):
            with pytest.raises(SourceMisconfigured):
                open_connector(_with(source, **config), given)
        desk.connect = lambda: open_connector(_with(source, bucket="another"), settings)
        assert await desk.sync() == "source.misconfigured"
        desk.connect = lambda: S3Connector(place.endpoint, KEYS, "no-such-bucket", "")
        assert await desk.sync() == "source.misconfigured"
        assert await desk.titles() == {"a"}


async def _source(tx: Connection, desk: Desk) -> Source:
    source = await get_source(tx, desk.source_id)
    assert source is not None
    return source


def _with(source: Source, **config: str) -> Source:
    return dataclasses.replace(source, kind="s3", config={"endpoint": "store"} | config)
