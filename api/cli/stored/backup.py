"""Backups, encrypted, of the machine that keeps the data: taken beside a running server, verified, restored."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from api.cli.client import fail, run, say
from wenyuan.text import one_line

if TYPE_CHECKING:
    from wenyuan.db.backup.archive import Manifest, Secret
    from wenyuan.db.backup.restoring import Restored
    from wenyuan.settings import Settings

VARIABLE: Final = "WENYUAN_BACKUP_PASSPHRASE"
LEAST: Final = 12


class _TakesByDefault(TyperGroup):
    """``backup FILE`` is ``backup take FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["take", *args]
        return super().parse_args(ctx, args)


backup = typer.Typer(cls=_TakesByDefault, no_args_is_help=True, help="Encrypted backups: taken, verified.")
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help=f"File with the passphrase; else {VARIABLE}, else asked for.")
]
KeyFile = Annotated[Path | None, typer.Option("--key-file", help="File with 64 hexadecimal digits, for a passphrase.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(backup, name="backup")
    app.command()(restore)


@backup.command("take")
def take(
    file: Annotated[Path | None, typer.Argument(help="A new file for the data, which has no keys in it.")] = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="The file of the keys; the one there is replaced.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    key_file: KeyFile = None,
) -> None:
    """Back up the data, the keys or both, also beside a running server. ``wenyuan backup FILE`` is short for it.

    Keep one copy of the keys, the newest, apart from the data: a document that was erased opens from no backup then.
    """
    if file is None and keys is None:
        fail("name a file for the data, or --keys for the keys / 请指定数据备份文件，或用 --keys 指定密钥备份文件")

    async def work() -> None:
        from wenyuan.db.backup.taking import back_up_data, back_up_keys
        from wenyuan.settings import load_settings

        settings = load_settings()
        secret = _secret(passphrase_file, key_file, new=True)
        if file is not None:
            await _recorded(settings, f"wenyuan backup {file.name}")
            taken = await asyncio.to_thread(back_up_data, settings, file, secret)
            say(_told(taken.manifest))
            if taken.gone:
                say(f"{len(taken.gone)} files were erased meanwhile / 备份期间有 {len(taken.gone)} 个文件被删除")
        if keys is not None:  # after the data: they open all that is in it
            await _recorded(settings, f"wenyuan backup --keys {keys.name}")
            say(_told((await asyncio.to_thread(back_up_keys, settings, keys, secret)).manifest))

    _guarded(work)


@backup.command("verify")
def verify(file: Path, passphrase_file: PassphraseFile = None, key_file: KeyFile = None) -> None:
    """Read a backup to its end and say what it holds; exits with 1 for one that was changed, cut or joined.

    Recorded in the audit log, where there is one on this machine: a copy may be verified anywhere.
    """

    async def work() -> None:
        from wenyuan.db.backup.archive import verify_archive
        from wenyuan.settings import load_settings

        secret = _secret(passphrase_file, key_file)
        await _recorded(load_settings(), f"wenyuan backup verify {file.name}")
        manifest, gone = await asyncio.to_thread(verify_archive, file, secret)
        say(f"ok: {_told(manifest)}" + (f", {len(gone)} files erased meanwhile" if gone else ""))

    _guarded(work)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup of the data.")],
    keys: Annotated[Path | None, typer.Option("--keys", help="The backup of the keys; else those in place.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="An empty place; default from the settings.")] = None,
    passphrase_file: PassphraseFile = None,
    key_file: KeyFile = None,
    incomplete: Annotated[bool, typer.Option("--incomplete", help="Leave out what the keys do not open.")] = False,
    rights_of_backup: Annotated[
        bool, typer.Option("--rights-of-backup", help="Bring back the rights of its day, also what was revoked since.")
    ] = False,
    index: Annotated[bool, typer.Option(help="Build the index too; else `wenyuan doctor --repair` does.")] = True,
) -> None:
    """Restore a backup into an empty data folder, without what was erased since it was taken."""

    async def work() -> None:
        from wenyuan.db.backup.restoring import restore
        from wenyuan.settings import load_settings

        settings = load_settings()
        if data_dir is not None:
            settings = settings.model_copy(update={"data_dir": data_dir})
        secret = _secret(passphrase_file, key_file)

        async def indexed(made: "Settings") -> None:
            from api.doctor import build_index

            await build_index(made)

        async def finish(made: "Settings", restored: "Restored") -> None:
            left_out = (*restored.erased, *restored.keyless)
            rights = f"rights of {_moment(restored.rights_at)}, closed {len(restored.closed.policies)} policies"
            what = f"wenyuan restore of {_moment(restored.manifest.taken_at)}, {rights}"
            await _record(made, what, (*left_out, *restored.closed.documents))
            if index and settings.profile == "solo":
                await indexed(made)

        restored = await restore(
            settings, file, keys, secret, finish, incomplete=incomplete, rights_of_backup=rights_of_backup
        )
        if index and settings.profile != "solo":  # the index is on a server, and is filled where it stands
            await indexed(settings)
        say(f"ok: {_told(restored.manifest)}")
        if restored.erased:
            say(f"removed, erased since: / 备份之后已删除，未恢复: {', '.join(restored.erased)}")
        if restored.keyless:
            say(f"left out, no keys: / 缺少密钥，未恢复: {', '.join(restored.keyless)}")
        say(f"rights of / 权限截至: {_moment(restored.rights_at)}")
        if restored.closed.policies:
            numbers = ", ".join(map(str, restored.closed.policies))
            say(f"policies that changed since, closed until saved anew: / 策略此后有变，重新保存前关闭: {numbers}")
        if restored.closed.documents:
            names = ", ".join(restored.closed.documents)
            say(f"documents under others since, in quarantine until released: / 适用策略此后有变，已隔离: {names}")

    _guarded(work)


async def _recorded(settings: "Settings", what: str) -> None:
    """Record what is about to be done, in the log that the settings name, if there is one."""
    from wenyuan.db.backup.stores import audit_store

    if audit_store(settings).exists():
        await _record(settings, what)


async def _record(settings: "Settings", what: str, documents: Sequence[str] = ()) -> None:
    from wenyuan.audit.record import Action, Item
    from wenyuan.audit.trail import Trail
    from wenyuan.db.audit.opening import open_audit

    audit = await asyncio.to_thread(open_audit, settings)
    try:
        trail = Trail(audit, "command line")
        trail.note(Action.ACT, map(Item, documents), target=what)
        await trail.settle()
    finally:
        await audit.close()


def _guarded(work: Any) -> None:
    try:
        run(work)
    except OSError as error:
        fail(f"{type(error).__name__}: {one_line(str(error))}")


def _secret(passphrase_file: Path | None, key_file: Path | None, *, new: bool = False) -> "Secret":
    from wenyuan.db.backup.archive import Secret
    from wenyuan.vault.cipher import KEY_BYTES

    if key_file is not None:
        try:
            key = bytes.fromhex(key_file.read_text(encoding="ascii").strip())
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            fail(f"{key_file.name} does not hold 64 hexadecimal digits / 密钥文件应为 64 位十六进制数字")
        return Secret(key, is_key=True)
    if passphrase_file is not None:
        given = passphrase_file.read_text(encoding="utf-8").strip("\r\n")
    else:
        given = os.environ.get(VARIABLE) or typer.prompt(
            "passphrase / 口令", hide_input=True, confirmation_prompt=new, err=True
        )
    if new and len(given) < LEAST:
        fail(f"the passphrase has less than {LEAST} characters / 口令不足 {LEAST} 个字符")
    return Secret(given.encode(), is_key=False)


def _told(manifest: "Manifest") -> str:
    counts = ", ".join(f"{name} {count}" for name, count in manifest.counts.items())
    return f"{manifest.kind}, {_moment(manifest.taken_at)}: {counts}"


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
