"""Errors of backups."""

from wenyuan.errors import SettingsError, WenyuanError


class BackupDamaged(WenyuanError):
    """Changed, cut, joined or reordered, or no backup at all; nothing is taken from it."""

    code = "backup.damaged"
    zh = "备份文件不完整或被改动：{reason}。请使用另一份备份。"
    en = "The backup is incomplete or was changed: {reason}. Use another one."


class BackupKeyWrong(WenyuanError):
    """The passphrase or key is another one than that of the file."""

    code = "backup.wrong_key"
    zh = "口令或密钥与此备份不符，或备份的开头被改动。"
    en = "The passphrase or key is not that of this backup, or the beginning of the file was changed."


class BackupRefused(SettingsError):
    """What was asked for cannot be done so; ``reason`` says what is in the way."""

    code = "backup.refused"
    zh = "未执行备份或恢复：{reason}"
    en = "Nothing was backed up or restored: {reason}"
