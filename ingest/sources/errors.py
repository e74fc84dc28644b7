"""What can be wrong with a source or with one of its items; each with a stable code and a sentence."""

from wenyuan.errors import TransientError, WenyuanError


class SourceUnreachable(TransientError):
    """The place a source takes documents from does not answer, or answers nonsense."""

    code = "source.unreachable"
    zh = "来源暂时无法访问（{reason}）。"
    en = "The source cannot be reached ({reason})."


class SourceDenied(WenyuanError):
    """The source refuses the account that reads it."""

    code = "source.denied"
    status = 502
    zh = "来源拒绝读取，请检查该来源的账号与权限。"
    en = "The source refuses to be read. Check its account and permissions."


class SourceMisconfigured(WenyuanError):
    """The configuration of a source does not fit the settings of this server."""

    code = "source.misconfigured"
    status = 422
    zh = "来源配置无效：{reason}"
    en = "The source is misconfigured: {reason}"


class SourceTooLarge(WenyuanError):
    """More items than the limit; refused, never truncated."""

    code = "source.too_large"
    zh = "来源中的文件超过上限 {limit} 个，请分成几个来源或提高上限。"
    en = "The source holds more than {limit} items. Split it, or raise the limit."


class SourceEmpty(WenyuanError):
    """Nothing is left at a source that had documents: more likely an unmounted disk than a deletion of everything."""

    code = "source.empty"
    zh = "来源现在是空的。为防误删（例如磁盘未挂载），没有删除任何文档；确认无误后请允许清空并重新同步。"
    en = "The source is empty now. Nothing was deleted, lest a disk is unmounted; if it is so, sync again and allow it."


class SourceOwner(WenyuanError):
    """The owner of a source may not upload into its space any more."""

    code = "source.owner"
    zh = "来源的所有者已停用或不再有上传到该空间的权限。"
    en = "The owner of the source is disabled or may not upload into its space any more."


class SourceRemoving(WenyuanError):
    """The source is being removed with its documents."""

    code = "source.removing"
    status = 409
    zh = "该来源及其文档正在删除。"
    en = "The source and its documents are being removed."


class SourceBusy(TransientError):
    """Two writers changed one item at the same time."""

    code = "source.busy"
    status = 409
    zh = "该项目正被另一个请求修改，请重试。"
    en = "Another request is changing this item. Try again."


class ItemGone(WenyuanError):
    """An item vanished between the listing and its reading."""

    code = "source.item_gone"
    zh = "读取时该文件已不在来源中。"
    en = "The item was gone when it was read."


class ItemUnreadable(WenyuanError):
    """An item cannot be read."""

    code = "source.item_unreadable"
    zh = "来源中的该文件无法读取。"
    en = "The item cannot be read at the source."


class ItemUnsettled(WenyuanError):
    """An item is still being written; it is taken up once it holds still."""

    code = "source.item_unsettled"
    zh = "该文件还在写入，稳定后再处理。"
    en = "The item is still being written and is taken up once it holds still."


class ItemName(WenyuanError):
    """The name of an item cannot be kept."""

    code = "source.item_name"
    status = 422
    zh = "该文件的名称或路径无法使用（编码、长度或层数）。"
    en = "The name or path of the item cannot be used (encoding, length or depth)."


class AccessUnmapped(WenyuanError):
    """What a source says about access cannot be understood here; then nobody reads the document."""

    code = "source.access"
    status = 422
    zh = "来源的权限说明有误或含未知的用户、用户组，因此任何人都不能阅读：{reason}"
    en = "Its access statement is wrong or names somebody unknown, so nobody may read it: {reason}"
