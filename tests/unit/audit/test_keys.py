"""The key and the anchor: made once, readable by nobody else, apart from the data."""

import stat
from pathlib import Path

import pytest

from wenyuan.audit.keys import ANCHOR_FILE, KEY_FILE, Anchor, Head, keys_beside, open_key
from wenyuan.errors import SettingsError
from wenyuan.settings import AuditSettings, Settings

KEY = b"k" * 32


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    key = open_key(folder, None, may_make=True)
    assert len(key) == 32
    assert open_key(folder, None, may_make=True) == key
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]
    assert open_key(folder, "ab" * 32, may_make=False) == b"\xab" * 32


def test_a_log_with_entries_gets_no_new_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="key is missing"):
        open_key(tmp_path, None, may_make=False)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        open_key(tmp_path / "file" / "keys", None, may_make=True)


@pytest.mark.parametrize("given", ["", "no hexadecimal", "abcd"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsError, match="64 hexadecimal"):
        open_key(tmp_path, given, may_make=True)


def test_an_anchor_moves_forward_only_and_survives_a_torn_write(tmp_path: Path) -> None:
    anchor = Anchor(tmp_path, KEY)
    assert anchor.read() is None
    for sequence in (2, 4, 6):
        anchor.write(Head(sequence, f"{sequence:064x}"))
    anchor.write(Head(5, "f" * 64))
    assert anchor.read() == Head(6, f"{6:064x}")
    path = tmp_path / ANCHOR_FILE
    content = path.read_bytes()
    slot = 0 if b"6 " in content[:20] and content.startswith(b"6 ") else 1
    torn = bytearray(content)
    torn[slot * 256 + 40 : slot * 256 + 60] = b"\0" * 20
    path.write_bytes(torn)
    assert anchor.read() == Head(4, f"{4:064x}")
    anchor.reset(Head(1, "1" * 64))
    assert anchor.read() == Head(1, "1" * 64)
    anchor.close()


def test_an_anchor_of_another_key_counts_for_nothing(tmp_path: Path) -> None:
    mine = Anchor(tmp_path, KEY)
    mine.write(Head(3, "3" * 64))
    other = Anchor(tmp_path, b"x" * 32)
    assert other.read() is None
    mine.close()
    other.close()


def test_keys_stand_beside_the_data_and_never_in_it(tmp_path: Path) -> None:
    assert keys_beside(tmp_path / "data") == tmp_path.resolve() / "data.keys"
    with pytest.raises(ValueError, match="lies in data_dir"):
        Settings(data_dir=tmp_path, audit=AuditSettings(keys_dir=tmp_path / "keys"))


def test_less_than_half_a_year_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 180"):
        AuditSettings(days=179)
