"""The keys of stored text, on the machine that keeps them: how they stand, and a new master key."""

from typing import Any

import typer

from api.cli.client import run, say

vault = typer.Typer(no_args_is_help=True, help="The keys that stored text is encrypted with: status, a new master key.")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(vault, name="vault")


@vault.command("status")
def status() -> None:
    """Say which master key is in use, and how many keys it wraps; also beside a running server.

    Opens every key. Exits with 1 where one does not open.
    """
    held, gone = _with_vault(lambda opened: opened.count())
    say(f"ok: {held} keys, {gone} destroyed / 密钥 {held} 个，已销毁 {gone} 个")


@vault.command("rotate")
def rotate() -> None:
    """Replace the master key; also beside a running server. Texts and files are not touched.

    Copies of the keys that were taken before open with the old master key alone, which is overwritten here.
    """
    count = _with_vault(lambda opened: opened.rotate())
    say(f"ok: {count} keys rewrapped / 已重新包裹 {count} 个密钥")


def _with_vault(work: Any) -> Any:
    async def opened() -> Any:
        from wenyuan.db.vault.opening import open_vault
        from wenyuan.settings import load_settings

        found = open_vault(load_settings(), may_make=False)
        try:
            return work(found)
        finally:
            found.close()

    return run(opened)
