"""S3-compatible storage: the objects of a bucket below a prefix."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Any, Final, TypeVar

from ingest.sources.errors import (
    ItemGone,
    ItemUnreadable,
    ItemUnsettled,
    SourceDenied,
    SourceMisconfigured,
    SourceUnreachable,
)
from ingest.sources.port import MAX_REVISION, READ_SIZE, Listed
from wenyuan.outbound import Guard
from wenyuan.settings import SourceCredentials, SourceEndpoint

T = TypeVar("T")
CONNECT_S: Final = 10
READ_S: Final = 60
ACCESS_METADATA: Final = "wenyuan-access"
_GONE: Final = {"NoSuchKey", "404", "NotFound"}
_CHANGED: Final = {"PreconditionFailed", "412"}
_REFUSED: Final = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden"}
_WRONG: Final = {"NoSuchBucket", "InvalidBucketName", "AuthorizationHeaderMalformed", "PermanentRedirect"}


class S3Connector:
    """Implements :class:`ingest.sources.port.Connector`. Keys are those below ``prefix``.

    Nothing but the given credentials is ever used: none of the machine, its environment or its metadata service. With
    ``metadata`` each object's ``x-amz-meta-wenyuan-access`` is read too, one request per object.
    """

    def __init__(
        self,
        endpoint: SourceEndpoint,
        credentials: SourceCredentials | None,
        bucket: str,
        prefix: str,
        *,
        metadata: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._bucket = bucket
        self._prefix = prefix
        self._metadata = metadata
        self._client: Any = None

    async def listing(self) -> AsyncGenerator[Listed, None]:
        """Yield every object below the prefix, page by page; raises as the port says."""
        client = await self._connected()
        token: dict[str, str] = {}
        while True:
            page = await self._ask(partial(client.list_objects_v2, Bucket=self._bucket, Prefix=self._prefix, **token))
            for entry in page.get("Contents", ()):
                key = str(entry["Key"])[len(self._prefix) :]
                if key and not key.endswith("/"):  # what ends so stands for a folder
                    yield await self._listed(key, entry)
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    async def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of the object, if it is still the one listed; raises as the port says."""
        client = await self._connected()
        etag = item.revision.partition(" ")[0]
        found = await self._ask(
            lambda: client.get_object(Bucket=self._bucket, Key=self._prefix + item.key, IfMatch=etag), of_item=True
        )
        body = found["Body"]
        try:
            while data := await self._ask(lambda: body.read(READ_SIZE), of_item=True):
                yield data
        finally:
            body.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    async def _listed(self, key: str, entry: dict[str, Any]) -> Listed:
        modified = entry["LastModified"].timestamp()
        revision = f"{entry.get('ETag', '')} {entry['Size']} {modified!r}"[:MAX_REVISION]
        said = None
        if self._metadata:
            client = self._client
            try:
                head = await self._ask(
                    lambda: client.head_object(Bucket=self._bucket, Key=self._prefix + key), of_item=True
                )
            except (ItemGone, ItemUnreadable) as error:
                return Listed(key, revision, int(entry["Size"]), modified, error=error)
            said = head.get("Metadata", {}).get(ACCESS_METADATA)
        return Listed(key, revision, int(entry["Size"]), modified, said)

    async def _connected(self) -> Any:
        if self._client is None:
            self._client = await asyncio.to_thread(self._connect)
        return self._client

    def _connect(self) -> Any:
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session

        if self._endpoint.url is not None:
            Guard.for_endpoint(self._endpoint.url).check(self._endpoint.url)
        given = self._credentials
        session = Session()
        for variable in ("config_file", "credentials_file", "profile"):
            session.set_config_variable(variable, None)
        keys: dict[str, Any] = {}
        if given is not None:
            secret, token = given.password, given.token
            keys = {
                "aws_access_key_id": given.user,
                "aws_secret_access_key": None if secret is None else secret.get_secret_value(),
                "aws_session_token": None if token is None else token.get_secret_value(),
            }
        config = Config(
            signature_version="s3v4" if given is not None else UNSIGNED,
            s3={"addressing_style": "path" if self._endpoint.path_style else "virtual"},
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"mode": "standard", "max_attempts": 3},
            proxies={},
            ignore_configured_endpoint_urls=True,
        )
        try:
            return boto3.session.Session(botocore_session=session).client(
                "s3", endpoint_url=self._endpoint.url, region_name=self._endpoint.region, config=config, **keys
            )
        except (BotoCoreError, ValueError) as error:
            raise SourceMisconfigured(reason=type(error).__name__) from error

    async def _ask(self, call: Callable[[], T], *, of_item: bool = False) -> T:
        """Run a call in a thread and turn its errors into ours."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            return await asyncio.to_thread(call)
        except ClientError as error:
            raise _said(error.response, of_item=of_item) from error
        except (HTTPClientError, BotoCoreError, OSError) as error:
            raise SourceUnreachable(reason=type(error).__name__) from error


def _said(response: Any, *, of_item: bool) -> Exception:
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _WRONG:
        return SourceMisconfigured(reason=code)
    if of_item:
        if code in _GONE:
            return ItemGone()
        if code in _CHANGED:
            return ItemUnsettled()
        if 400 <= status < 500 and status != 429:
            return ItemUnreadable()
    if code in _REFUSED or status in {401, 403}:
        return SourceDenied()
    return SourceUnreachable(reason=code[:64] or str(status))
