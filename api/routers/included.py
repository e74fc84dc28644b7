"""Every route of the application, in the order in which they are tried."""

from importlib.metadata import entry_points

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.routers import admin, documents, jobs, me, preview, sources, system
from api.routers.access import folders, organisation, review, sections
from api.routers.access import preview as access_preview
from api.routers.asking import chat, models, pictures, search
from api.routers.audit import routes as audit
from api.routers.guard import quarantine
from api.routers.identity import accounts, own, session
from api.routers.provisioning import directories
from api.routers.provisioning import discovery as scim
from api.routers.provisioning import groups as scim_groups
from api.routers.provisioning import users as scim_users
from api.routers.texts import conversations, figures, originals, profiles, revisions, terms


def include_routes(app: FastAPI) -> None:
    """Add the routes of the product, those that other packages offer, and the pages."""
    for module in (search, chat, folders, organisation):  # what is asked most comes first
        app.include_router(module.router)
    for module in (conversations, documents, figures, profiles, revisions, preview, sources, terms, jobs, me, admin):
        app.include_router(module.router)
    for module in (originals, quarantine, models, sections, session, own, accounts, review, access_preview, audit):
        app.include_router(module.router)
    for module in (pictures, directories, scim, scim_users, scim_groups):
        app.include_router(module.router)
    app.include_router(system.router)
    for point in entry_points(group="wenyuan.routes"):
        app.include_router(point.load())
    app.mount("/static", StaticFiles(directory=system.WEB), name="static")
