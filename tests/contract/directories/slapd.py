"""An OpenLDAP server of the tests' own, where it is installed."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.sources.servers import free_port

SUFFIX = "dc=corp,dc=example"
ADMIN, SECRET = f"cn=admin,{SUFFIX}", "s3cret-of-the-test"
ROOT = f"dn: {SUFFIX}\nchangetype: add\nobjectClass: dcObject\nobjectClass: organization\no: corp\ndc: corp\n"
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
moduleload memberof
pidfile {folder}/pid
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
TLSVerifyClient never
sizelimit size.soft=unlimited size.hard=unlimited size.prtotal=unlimited
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {secret}
directory {folder}/data
maxsize 67108864
index objectClass eq
overlay memberof
memberof-dangling ignore
"""


@dataclass(frozen=True)
class Slapd:
    """A running server; ``ldapmodify`` and the like speak to it as its administrator."""

    folder: Path
    port: int
    secure_port: int

    @property
    def url(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def secure_url(self) -> str:
        return f"ldaps://localhost:{self.secure_port}"

    def change(self, text: str, *options: str) -> None:
        """Apply changes written as LDIF."""
        command = ["ldapmodify", "-x", "-H", f"ldap://127.0.0.1:{self.port}", "-D", ADMIN, "-w", SECRET, *options]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def fresh(self) -> str:
        """Return the name of a new, empty part of the tree."""
        name = secrets.token_hex(6)
        self.change(f"dn: o={name},{SUFFIX}\nchangetype: add\nobjectClass: organization\no: {name}\n")
        return f"o={name},{SUFFIX}"


@contextlib.contextmanager
def slapd_server(folder: Path) -> Iterator[Slapd]:
    """Run a server on free ports of this machine in ``folder``; skips where it is not installed."""
    program = shutil.which("slapd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    modules = next((path for path in (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap")) if path.is_dir()), None)
    if program is None or modules is None or not shutil.which("ldapmodify"):
        pytest.skip("OpenLDAP is not installed (Debian: slapd ldap-utils)")
    server = Slapd(folder, free_port(), free_port())
    (folder / "data").mkdir()
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    certify = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made = ["-addext", names, "-keyout", str(folder / "server.key"), "-out", str(folder / "server.pem")]
    subprocess.run([*certify, *made], check=True, capture_output=True)
    config = folder / "slapd.conf"
    config.write_text(CONFIG.format(folder=folder, modules=modules, suffix=SUFFIX, admin=ADMIN, secret=SECRET))
    urls = f"ldap://127.0.0.1:{server.port}/ ldaps://127.0.0.1:{server.secure_port}/"
    with (folder / "log").open("wb") as log:
        run = subprocess.Popen([program, "-d", "none", "-f", config, "-h", urls], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        # Asked as a client: a bare connection to a free port of this machine may end up at itself.
        whoami = ["ldapwhoami", "-x", "-H", f"ldap://127.0.0.1:{server.port}"]
        while subprocess.run(whoami, capture_output=True, check=False).returncode != 0:
            assert run.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        server.change(ROOT)
        yield server
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(10)
