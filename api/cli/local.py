"""Commands for the operator of the machine: serve, worker, init, recover, migrate, models, doctor."""

import asyncio
import signal
from typing import Annotated, Final

import typer

from api.cli.client import fail, run
from wenyuan.access import Classification, Role
from wenyuan.errors import SettingsError
from wenyuan.settings import load_settings

BOOTSTRAP_DAYS: Final = 1.0
MOST_DAYS: Final = 365.0


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (serve, worker, init, recover, migrate, models, doctor):
        app.command()(command)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default from the settings.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default from the settings.")] = None,
) -> None:
    """Start the API and the page."""

    async def work() -> None:
        import uvicorn

        from api.app import create_app
        from api.listener import listener
        from wenyuan.obs import configure_logging

        configure_logging()
        settings = load_settings()
        config = listener(create_app(settings), settings.server)
        config.host, config.port = host or config.host, port or config.port
        typer.echo(f"http://{config.host}:{config.port}", err=True)
        await uvicorn.Server(config).serve()

    run(work)


def worker() -> None:
    """Process jobs without serving requests, beside the servers of a server profile. Stops on SIGINT or SIGTERM."""

    async def work() -> None:
        from api.bootstrap import open_services
        from wenyuan.obs import configure_logging

        configure_logging()
        settings = load_settings()
        if settings.profile != "server" or settings.ingest.workers == 0:
            raise SettingsError(reason="a worker of its own needs profile = server and ingest.workers > 0")
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        async with open_services(settings):
            await stop.wait()

    run(work)


def init(
    name: Annotated[str, typer.Argument(help="Name of the first administrator.")] = "admin",
    password: Annotated[bool, typer.Option("--password", help="Ask for a password to sign in with, too.")] = False,
) -> None:
    """Create the first administrator and print their token; it is shown this once and holds for a day."""
    chosen = typer.prompt("password / 密码", hide_input=True, confirmation_prompt=True, err=True) if password else None

    async def work() -> str:
        from api.auth.passwords import Passwords
        from api.auth.signin import checked_hash, give_password
        from api.bootstrap import open_database
        from wenyuan.audit.record import Action
        from wenyuan.audit.trail import Trail
        from wenyuan.db.access.directory import create_user, has_administrator
        from wenyuan.db.access.tokens import issue_token
        from wenyuan.db.audit.opening import open_audit
        from wenyuan.db.migrate import upgrade

        settings = load_settings()
        hasher = Passwords(settings.identity.password_memory_mib, 1)
        hashed = None if chosen is None else await checked_hash(hasher, name, chosen)
        database, audit = open_database(settings), await asyncio.to_thread(open_audit, settings)
        try:
            await upgrade(database)
            async with database.write() as tx:
                if await has_administrator(tx):
                    fail("there is an administrator already / 已有管理员")
                roles = frozenset({Role.ADMINISTRATOR})
                user = await create_user(tx, name, name, roles, Classification.CONFIDENTIAL)
                if hashed is not None:
                    await give_password(tx, user.id, hashed, must_change=False)
                secret = (await issue_token(tx, user.id, "bootstrap", BOOTSTRAP_DAYS))[1]
            trail = Trail(audit, "wenyuan init")
            trail.note(Action.ACT, target=f"wenyuan init id={user.id}")
            await trail.settle()
            return secret
        finally:
            await audit.close()
            await database.close()

    secret = run(work)
    typer.echo(
        "for programs, and the page: “Sign in with an access token” / 可用于程序和网页（使用访问令牌登录）：", err=True
    )
    typer.echo(secret)


def recover(
    name: Annotated[str, typer.Argument(help="An administrator who may sign in.")] = "admin",
    days: Annotated[float, typer.Option(min=0.01, max=MOST_DAYS, help="Days until it expires.")] = BOOTSTRAP_DAYS,
) -> None:
    """Print a token for an administrator without one: no token makes another that outlives it. It is recorded."""

    async def work() -> str:
        from api.bootstrap import open_database
        from wenyuan.audit.record import Action
        from wenyuan.audit.trail import Trail
        from wenyuan.db.access.tokens import issue_token
        from wenyuan.db.audit.opening import open_audit
        from wenyuan.db.identity.accounts import read_account

        settings = load_settings()
        database, audit = open_database(settings), await asyncio.to_thread(open_audit, settings)
        try:
            account = await database.run_read(read_account, name)
            if account is None or Role.ADMINISTRATOR not in account.roles:
                fail("no administrator of that name who may sign in / 没有可登录的同名管理员")
            trail = Trail(audit, "wenyuan recover")
            trail.note(Action.ACT, target=f"wenyuan recover id={account.user_id}")
            await trail.settle()
            async with database.write() as tx:
                return (await issue_token(tx, account.user_id, "recovered", days))[1]
        finally:
            await audit.close()
            await database.close()

    typer.echo(run(work))


def migrate() -> None:
    """Bring the database schema to the newest revision."""

    async def work() -> None:
        from api.bootstrap import open_database
        from wenyuan.db.migrate import upgrade

        database = open_database(load_settings())
        try:
            await upgrade(database)
        finally:
            await database.close()

    run(work)


def models() -> None:
    """Show the configured embedding model, building the offline one if it is missing."""

    async def work() -> None:
        from wenyuan.models.embedder import open_embedder
        from wenyuan.models.store import OFFLINE, ensure_offline_embedder

        settings = load_settings()
        if settings.embedding.url is None and settings.embedding.model == OFFLINE:
            ensure_offline_embedder(settings.models_dir)
        embedder = open_embedder(settings.embedding, settings.models_dir)
        typer.echo(f"{embedder.name}  {embedder.dimension} dimensions  {embedder.fingerprint}")
        embedder.close()

    run(work)


def doctor(
    mend: Annotated[bool, typer.Option("--repair", help="First write into the index what it lacks.")] = False,
) -> None:
    """Check settings, database, models and index against each other. Exits with 1 if something is wrong."""

    async def work() -> list[str]:
        from api.doctor import examine, repair

        settings = load_settings()
        if mend:
            typer.echo(f"documents written again / 重新写入索引的文档: {await repair(settings)}")
        return await examine(settings)

    findings = run(work)
    for finding in findings:
        typer.echo(finding, err=True)
    if findings:
        raise typer.Exit(1)
    typer.echo("ok")
