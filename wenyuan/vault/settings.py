"""Settings of the encryption of stored text."""

from pathlib import Path

from pydantic import SecretStr

from wenyuan.people.settings import Section


class VaultSettings(Section):
    """``key_file``: the file with the master key, made if there is none; None: ``vault.key`` in the folder of keys.

    ``url``: a database for the wrapped keys (``postgresql+psycopg://``) in the server profile, else that of the
    metadata.
    """

    key_file: Path | None = None
    url: SecretStr | None = None
