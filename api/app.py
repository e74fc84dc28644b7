"""The application."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from api.errors import install_error_handlers
from api.gate import Gate
from api.middleware import Edge
from wenyuan import __version__
from wenyuan.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the application; its lifespan opens and closes the services.

    Routes are loaded by an application that is made, models, parsers and indexes by one that starts: what only names
    the application, a tool or another package, waits for neither.
    """
    from api.routers.included import include_routes

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        from api.bootstrap import open_services

        async with open_services(settings) as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Wenyuan", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    install_error_handlers(app)
    include_routes(app)
    app.add_middleware(Gate)
    app.add_middleware(Edge, server=settings.server, max_file_mb=settings.ingest.max_file_mb)
    return app
