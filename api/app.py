"""The application."""

import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import entry_points

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.bootstrap import open_services
from api.errors import install_error_handlers
from api.gate import Gate
from api.middleware import Edge
from api.routers import admin, documents, jobs, me, preview, sources, system
from api.routers.access import folders, organisation, review, sections
from api.routers.access import preview as access_preview
from api.routers.asking import chat, models, search
from api.routers.audit import routes as audit
from api.routers.guard import quarantine
from api.routers.identity import accounts, own, session
from api.routers.provisioning import directories
from api.routers.provisioning import discovery as scim
from api.routers.provisioning import groups as scim_groups
from api.routers.provisioning import users as scim_users
from api.routers.texts import conversations, figures, originals, profiles, revisions, terms
from wenyuan import __version__
from wenyuan.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the application; its lifespan opens and closes the services."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Wenyuan", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    install_error_handlers(app)
    for module in (search, chat, folders, organisation):  # routes are tried in turn: what is asked most comes first
        app.include_router(module.router)
    for module in (conversations, documents, figures, profiles, revisions, preview, sources, terms, jobs, me, admin):
        app.include_router(module.router)
    for module in (originals, quarantine, models, sections, session, own, accounts, review, access_preview, audit):
        app.include_router(module.router)
    for module in (directories, scim, scim_users, scim_groups):
        app.include_router(module.router)
    app.include_router(system.router)
    for point in entry_points(group="wenyuan.routes"):
        app.include_router(point.load())
    app.mount("/static", StaticFiles(directory=system.WEB), name="static")
    app.add_middleware(Gate)
    app.add_middleware(Edge, server=settings.server, max_file_mb=settings.ingest.max_file_mb)
    return app
