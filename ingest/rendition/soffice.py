"""Run LibreOffice on one file. Only in a child of the sandbox, which has no network and may write its folder alone."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from ingest.intake import media
from wenyuan.errors import FileCorrupt, ParserLimit

NAMES: Final = ("soffice", "libreoffice")
SUFFIXES: Final = {
    media.DOCX: ".docx",
    media.PPTX: ".pptx",
    media.XLSX: ".xlsx",
    media.DOC: ".doc",
    media.PPT: ".ppt",
    media.XLS: ".xls",
    media.ODT: ".odt",
    media.ODP: ".odp",
    media.ODS: ".ods",
    media.RTF: ".rtf",
}
"""What can be rendered, and the extension each type is given: stored files have none."""

MODERN: Final = {
    media.DOC: (media.DOCX, "docx:MS Word 2007 XML"),
    media.PPT: (media.PPTX, "pptx:Impress MS PowerPoint 2007 XML"),
    media.XLS: (media.XLSX, "xlsx:Calc MS Excel 2007 XML"),
}
"""What a legacy type is converted to, and the filter that does it."""

_PDF: Final = {
    media.DOCX: "writer_pdf_Export",
    media.DOC: "writer_pdf_Export",
    media.ODT: "writer_pdf_Export",
    media.RTF: "writer_pdf_Export",
    media.PPTX: "impress_pdf_Export",
    media.PPT: "impress_pdf_Export",
    media.ODP: "impress_pdf_Export",
    media.XLSX: "calc_pdf_Export",
    media.XLS: "calc_pdf_Export",
    media.ODS: "calc_pdf_Export",
}
_OFFICE: Final = "/org.openoffice.Office"
# No macro runs, no link is followed or updated, nothing is started in Java, nothing is asked, nothing recovered.
_SETTINGS: Final = (
    (f"{_OFFICE}.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    (f"{_OFFICE}.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    (f"{_OFFICE}.Common/Security/Scripting", "DisableActiveContent", "true"),
    (f"{_OFFICE}.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    (f"{_OFFICE}.Common/Security/Scripting", "DisableOLEAutomation", "true"),
    (f"{_OFFICE}.Writer/Content/Update", "Link", "2"),
    (f"{_OFFICE}.Calc/Content/Update", "Link", "2"),
    (f"{_OFFICE}.Java/VirtualMachine", "Enable", "false"),
    (f"{_OFFICE}.Recovery/AutoSave", "Enabled", "false"),
    (f"{_OFFICE}.Recovery/RecoveryInfo", "Enabled", "false"),
)


def find_program(name: str | None) -> Path | None:
    """Return the LibreOffice program: the one named, else the first on the path; None when there is none."""
    for each in (name,) if name else NAMES:
        found = shutil.which(each)
        if found:
            return Path(found)
    return None


def to_pdf(program: Path, path: Path, media_type: str, folder: Path) -> Path:
    """Render a file to PDF in ``folder``; raises ``FileCorrupt`` when LibreOffice cannot."""
    return _convert(program, path, media_type, folder, f"pdf:{_PDF[media_type]}")


def to_modern(program: Path, path: Path, media_type: str, folder: Path) -> Path:
    """Convert a legacy file to its modern format in ``folder``; raises ``FileCorrupt`` when LibreOffice cannot."""
    return _convert(program, path, media_type, folder, MODERN[media_type][1])


def _convert(program: Path, path: Path, media_type: str, folder: Path, target: str) -> Path:
    source = folder / f"source{SUFFIXES[media_type]}"
    if path != source:
        shutil.copyfile(path, source)
    profile = folder / "profile"
    _write_profile(profile)
    out = folder / "out"
    command = [
        str(program),
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nologo",
        "--convert-to",
        target,
        "--outdir",
        str(out),
        str(source),
    ]
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "OSL_SOCKET_PATH": str(folder),
        "SAL_USE_VCLPLUGIN": "svp",
        "SAL_DISABLE_OPENCL": "1",
    }
    # It writes what it thinks of a file to the terminal; the words of a document must not go there.
    done = subprocess.run(  # noqa: S603 - the program is the administrator's, the arguments are ours
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    made = out / f"source.{target.partition(':')[0]}"
    if made.is_file() and made.stat().st_size:
        return made
    if done.returncode < 0:
        raise ParserLimit(reason=f"LibreOffice: signal {-done.returncode}")
    raise FileCorrupt


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    user = profile / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry"'
        f' xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>',
        encoding="utf-8",
    )
