"""Every route declares who may call it, and every answer carries the security headers."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.deps import ACCESS_DECLARATIONS, public
from tests.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/"),
    ("GET", "/v1/session/ways"),
    ("POST", "/v1/session"),
    ("GET", "/v1/session/issuers/{name}"),
    ("GET", "/v1/session/issuers/{name}/return"),
}


def declared(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        if inner.call in ACCESS_DECLARATIONS:
            yield inner.call
        yield from declared(inner)


def routes_of(site: Site) -> list[APIRoute]:
    """Return the routes of every included router; included routers have no prefix of their own."""
    routers = [getattr(route, "original_router", None) for route in site.app.routes]
    found = [route for router in routers if router is not None for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in found)
    assert len(found) > 25
    return found


async def test_every_route_declares_its_access(site: Site) -> None:
    for route in routes_of(site):
        calls = set(declared(route.dependant))
        assert calls, f"{route.path} declares no access"
        for method in route.methods or ():
            assert (public in calls) == ((method, route.path) in PUBLIC), (method, route.path)


async def test_without_a_token_only_public_routes_answer(site: Site) -> None:
    nobody = await site.client(None)
    for route in routes_of(site):
        path = route.path.replace("{number}", "1")
        for name in ("document_id", "job_id", "citation_id", "token_id", "name"):
            path = path.replace("{" + name + "}", "x")
        for method in route.methods or ():
            if (method, route.path) in PUBLIC:
                continue
            response = await nobody.request(method, path, json={} if method in ("POST", "PUT", "PATCH") else None)
            assert response.status_code == 401, (method, path, response.text)


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/me", "/v1/nothing"])
async def test_security_headers(site: Site, path: str) -> None:
    response = await (await site.client(None)).get(path)
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store, private"
    assert len(response.headers["x-request-id"]) == 16


async def test_health_metrics_and_openapi(site: Site) -> None:
    nobody = await site.client(None)
    assert (await nobody.get("/readyz")).json() == {"status": "ready"}
    assert "wenyuan_requests_total" in (await nobody.get("/metrics")).text
    paths = (await nobody.get("/openapi.json")).json()["paths"]
    assert {"/v1/documents", "/v1/chat/completions", "/v1/citations/{citation_id}"} <= paths.keys()
