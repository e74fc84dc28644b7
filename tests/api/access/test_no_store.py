"""No answer of the API may be kept by a browser or a proxy, whoever asks and whatever comes of it."""

import re

import pytest

from tests.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_answer_says_that_it_is_not_to_be_kept(site: Site) -> None:
    admin, nobody = await site.administrator(), await site.client(None)
    paths = site.app.openapi()["paths"]
    asked = 0
    for path, operations in paths.items():
        address = re.sub(r"\{number\}|\{ordinal\}", "1", path)
        address = re.sub(r"\{\w+\}", "none_0", address)
        for method in set(operations) & {"get", "post", "put", "patch", "delete"}:
            clients = (nobody,) if method != "get" or path.endswith("/events") else (admin.http, nobody)
            for client in clients:
                response = await client.request(method.upper(), address)
                assert response.headers["cache-control"] == "no-store, private", (method, path)
                assert "etag" not in response.headers, (method, path)
                asked += 1
    assert asked > 100


async def test_an_answer_and_its_stream_are_not_kept(site: Site) -> None:
    li = await site.person("li")
    for stream in (False, True):
        body = {"messages": [{"role": "user", "content": "年假有几天？"}], "stream": stream}
        response = await li.http.post("/v1/chat/completions", json=body)
        assert response.headers["cache-control"] == "no-store, private"
