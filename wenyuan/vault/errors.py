"""Errors of the vault."""

from wenyuan.errors import SettingsError, TransientError, WenyuanError


class VaultLocked(SettingsError):
    """The keys of the stored text are missing or others; nothing is served without them."""

    code = "vault.locked"
    zh = "无法解开存储的文本：{reason}。请恢复密钥目录或检查 vault 设置；在此之前不提供服务。"
    en = (
        "Stored text cannot be opened: {reason}. Restore the folder of keys or check the vault settings; "
        "nothing is served before that."
    )


class KeyDestroyed(TransientError):
    """The text was erased while it was being read; asked again, it is not found."""

    code = "vault.key_destroyed"
    zh = "所读的文本刚刚被删除，请重试。"
    en = "The text was erased while it was being read. Try again."


class StoredTextDamaged(WenyuanError):
    """What is stored is not what was sealed in that place: changed, moved, or of another key."""

    code = "vault.damaged"
    zh = "存储的内容已损坏或被改动，因此不予显示。请联系管理员从备份恢复。"
    en = "Stored content is damaged or was tampered with, so it is not shown. Have an administrator restore a backup."
