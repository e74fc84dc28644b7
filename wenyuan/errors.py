"""Error taxonomy: one class per stable code, a sentence in Chinese and English, an HTTP status, retryable or not."""

from collections.abc import Mapping
from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class WenyuanError(Exception):
    """Base of every error a person may see. ``params`` fill the sentence and carry no text of documents."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    zh: ClassVar[str] = "服务内部错误。请稍后再试；若持续出现，请把请求编号告诉管理员。"
    en: ClassVar[str] = "Internal error. Try again later; if it persists, give the request id to an administrator."

    def __init__(self, **params: str | int | float) -> None:
        self.params = params
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Return the sentence in ``language`` with the parameters filled in."""
        return (self.zh if language == "zh" else self.en).format(**self.params)


class TransientError(WenyuanError):
    """Something outside failed and may work later; jobs retry it."""

    code = "unavailable"
    status = 503
    retryable = True
    zh = "服务暂时不可用，请稍后再试。"
    en = "Temporarily unavailable. Try again later."


# --- requests -------------------------------------------------------------------------------------------------


class InvalidRequest(WenyuanError):
    """The request is malformed; ``reason`` names field and rule."""

    code = "request.invalid"
    status = 422
    zh = "请求无效：{reason}"
    en = "Invalid request: {reason}"


class MalformedJson(WenyuanError):
    """The body is not JSON."""

    code = "request.malformed_json"
    status = 400
    zh = "请求正文不是有效的 JSON。"
    en = "The request body is not valid JSON."


class MethodNotAllowed(WenyuanError):
    """The route exists, but not for this HTTP method."""

    code = "request.method_not_allowed"
    status = 405
    zh = "此地址不支持该请求方法。"
    en = "This address does not support the request method."


class BodyTooLarge(WenyuanError):
    """The request body is over its limit."""

    code = "request.too_large"
    status = 413
    zh = "请求正文超过上限 {limit_mb} MB。"
    en = "The request body exceeds the limit of {limit_mb} MB."


class RequestTooSlow(WenyuanError):
    """The request body did not arrive in time."""

    code = "request.too_slow"
    status = 408
    zh = "请求正文传输过慢，连接已断开。请检查网络后重试。"
    en = "The request body arrived too slowly and the connection was closed. Check the network and try again."


class QuestionEmpty(WenyuanError):
    """The question has no text."""

    code = "question.empty"
    status = 422
    zh = "问题为空，请输入要问的内容。"
    en = "The question is empty. Type what you want to ask."


class QuestionTooLong(WenyuanError):
    """The question is longer than the limit."""

    code = "question.too_long"
    status = 413
    zh = "问题有 {length} 个字符，超过上限 {limit} 个。请缩短后再问。"
    en = "The question has {length} characters; the limit is {limit}. Shorten it and ask again."


class RateLimited(TransientError):
    """Too many requests at once."""

    code = "rate_limited"
    status = 429
    zh = "请求过多，请稍后再试。"
    en = "Too many requests. Try again later."


# --- identity and access --------------------------------------------------------------------------------------


class Unauthenticated(WenyuanError):
    """No token, or one that is wrong, expired or revoked."""

    code = "auth.unauthenticated"
    status = 401
    zh = "缺少访问令牌，或令牌无效、已过期、已吊销。"
    en = "The access token is missing, wrong, expired or revoked."


class ActionForbidden(WenyuanError):
    """The caller's roles do not grant this action (never used for things one may not see: those are NotFound)."""

    code = "auth.forbidden"
    status = 403
    zh = "您的账号没有执行此操作的权限。"
    en = "Your account may not perform this action."


class NotFound(WenyuanError):
    """Does not exist, or the caller may not see it: the two look the same."""

    code = "not_found"
    status = 404
    zh = "不存在，或您无权查看。"
    en = "It does not exist, or you may not see it."


class AlreadyExists(WenyuanError):
    """A unique name is taken."""

    code = "conflict.exists"
    status = 409
    zh = "名称“{name}”已存在。"
    en = "The name '{name}' is already taken."


class UnknownName(WenyuanError):
    """A request names a space, folder or subject of a policy that the caller cannot use."""

    code = "request.unknown_name"
    status = 404
    zh = "没有名为“{name}”的{kind_zh}，或您无权使用。"
    en = "There is no {kind} named '{name}', or you may not use it."

    _ZH: ClassVar[Mapping[str, str]] = {
        "user": "用户",
        "group": "用户组",
        "department": "部门",
        "role": "岗位角色",
        "space": "空间",
        "folder": "文件夹",
    }

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind=kind, name=name, kind_zh=self._ZH[kind])


# --- files ----------------------------------------------------------------------------------------------------


class FileError(WenyuanError):
    """Base of what can be wrong with a file."""

    code = "file.invalid"
    status = 422
    zh = "无法读取该文件。"
    en = "The file cannot be read."


class FileEmpty(FileError):
    """No bytes."""

    code = "file.empty"
    zh = "文件是空的。"
    en = "The file is empty."


class FileTooLarge(FileError):
    """Over the size limit."""

    code = "file.too_large"
    status = 413
    zh = "文件超过大小上限 {limit_mb} MB。"
    en = "The file exceeds the limit of {limit_mb} MB."


class FileTypeUnsupported(FileError):
    """The content is of a type that is not accepted."""

    code = "file.type_unsupported"
    status = 415
    zh = "不支持这种文件内容（{media_type}）。支持：{supported}。"
    en = "This kind of content ({media_type}) is not supported. Supported: {supported}."


class FileIsArchive(FileError):
    """A ZIP archive where one document is expected."""

    code = "file.is_archive"
    status = 415
    zh = "这是 ZIP 压缩包，不是单个文档。请用批量上传（POST /v1/documents/archive），包内每个文件会成为一个文档。"
    en = "This is a ZIP archive, not one document. Use bulk upload (POST /v1/documents/archive) for its members."


class FileNotArchive(FileError):
    """A document where a ZIP archive is expected."""

    code = "file.not_archive"
    status = 415
    zh = "批量上传只接受 ZIP 压缩包；单个文档请用 POST /v1/documents。"
    en = "Bulk upload takes a ZIP archive; send a single document to POST /v1/documents."


class FileTypeMismatch(FileError):
    """The extension says one type and the content another."""

    code = "file.type_mismatch"
    status = 415
    zh = "文件扩展名 {extension} 与内容（{media_type}）不符。"
    en = "The extension {extension} does not match the content ({media_type})."


class FileEncrypted(FileError):
    """Protected by a password."""

    code = "file.encrypted"
    zh = "文件有密码保护，请移除密码后再上传。"
    en = "The file is protected by a password. Remove it and upload again."


class FileCorrupt(FileError):
    """Truncated or damaged."""

    code = "file.corrupt"
    zh = "文件已损坏或不完整，无法解析。"
    en = "The file is damaged or truncated and cannot be parsed."


class FileUnsafe(FileError):
    """An archive bomb, or more pages, pixels or entries than the limit."""

    code = "file.unsafe"
    zh = "文件超出安全上限（{reason}）。"
    en = "The file exceeds a safety limit ({reason})."


class FileMalware(FileError):
    """The virus scanner knows it."""

    code = "file.malware"
    zh = "病毒扫描发现该文件含有恶意内容，已拒绝。"
    en = "The virus scanner found malware in the file; it was refused."


class ScannerUnavailable(TransientError):
    """The virus scanner gave no verdict; nothing is taken without one."""

    code = "scanner.unavailable"
    zh = "病毒扫描服务不可用，暂不接收文件。"
    en = "The virus scanner is not available; no file is taken without its verdict."


class FileNoText(FileError):
    """Parsed without an error, but there is no text in it."""

    code = "file.no_text"
    zh = "文件中没有可识别的文字。"
    en = "No text was found in the file."


class ParserLimit(FileError):
    """Parsing hit its limit of time or memory."""

    code = "file.parser_limit"
    zh = "解析超出限制（{reason}），已中止。"
    en = "Parsing exceeded a limit ({reason}) and was stopped."


class ParserDied(ParserLimit):
    """A library crashed on the file and took its process with it."""

    code = "file.parser_died"
    zh = "解析程序在读取该文件时崩溃（{reason}）。文件可能已损坏；请用原软件打开并重新保存后再上传。"
    en = "The parser crashed on this file ({reason}). It may be damaged: open and save it again, then upload it."


class ParserFailed(FileError):
    """A parser raised something it should not have; ``reason`` names the place, never the content."""

    code = "file.parser_failed"
    zh = "解析该文件时发生内部错误（{reason}）。请把文件类型与此信息告诉管理员。"
    en = "An internal error occurred while parsing the file ({reason}). Tell an administrator."


class ConverterMissing(FileError):
    """A legacy Office file, and no LibreOffice to convert it."""

    code = "file.converter_missing"
    status = 415
    zh = (
        "旧版 Office 文件（{media_type}）需要 LibreOffice 转换，而服务器上未安装或已停用。"
        "请另存为 DOCX、XLSX 或 PPTX 后再上传。"
    )
    en = (
        "A legacy Office file ({media_type}) is converted by LibreOffice, which is not installed or switched off here. "
        "Save it as DOCX, XLSX or PPTX and upload again."
    )


class ParserUnavailable(FileError):
    """A part that this type needs is not installed."""

    code = "file.parser_unavailable"
    zh = "解析此类文件需要的组件未安装：{component}。"
    en = "A component needed for this type is not installed: {component}."


# --- models, index, storage -----------------------------------------------------------------------------------


class ModelError(WenyuanError):
    """A model is missing, damaged or does not fit; ``reason`` says how to mend it."""

    code = "model.unavailable"
    status = 503
    zh = "模型不可用：{reason}"
    en = "Model unavailable: {reason}"


class EndpointError(TransientError):
    """A configured endpoint (LLM, embedding) failed or answered nonsense."""

    code = "endpoint.failed"
    zh = "外部模型服务调用失败：{reason}"
    en = "The configured endpoint failed: {reason}"


class OutboundRefused(EndpointError):
    """A connection to a host that is not allowed, or whose name leads to an address that is not."""

    code = "endpoint.refused"
    retryable = False
    zh = "不允许连接该地址（{reason}）。请管理员检查设置中的地址。"
    en = "Connecting there is not allowed ({reason}). An administrator can check the address in the settings."


class IndexLocked(WenyuanError):
    """Another process holds the index folder."""

    code = "index.locked"
    status = 503
    zh = "数据目录正被另一个进程使用（进程 {pid}）。请通过它的地址访问（支持 --server 的命令），或先停止它。"
    en = "The data folder is in use by process {pid}. Talk to it over HTTP (commands with --server), or stop it first."


class IndexMismatch(WenyuanError):
    """The index was built by another embedding model."""

    code = "index.mismatch"
    status = 503
    zh = "索引由另一个模型（{found}）建立，与当前模型（{expected}）不一致。"
    en = "The index was built with another model ({found}) than the configured one ({expected})."


class IndexRebuilding(TransientError):
    """No index can answer until the one under construction is whole."""

    code = "index.rebuilding"
    zh = "索引正在重建，暂时无法检索；完成后自动恢复。"
    en = "The index is being rebuilt; search comes back by itself when that is done."


class IndexIncomplete(TransientError):
    """The index does not hold exactly the chunks of a version, so that it is not published."""

    code = "index.incomplete"
    zh = "索引中有 {found} 段，应有 {expected} 段；将重试。"
    en = "The index holds {found} passages of {expected}; it will be tried again."


class StorageFull(TransientError):
    """Free space is below the watermark; reads go on."""

    code = "storage.full"
    status = 507
    zh = "磁盘空间不足，暂停写入。"
    en = "Disk space is low; writes are paused."


class SettingsError(WenyuanError):
    """The configuration is wrong or mixes profiles."""

    code = "settings.invalid"
    zh = "配置错误：{reason}"
    en = "Configuration error: {reason}"


# --- corrections ----------------------------------------------------------------------------------------------


class CorrectionStale(WenyuanError):
    """The correction names a version that is not the document's current one."""

    code = "correction.stale"
    status = 409
    zh = "该文档已有新版本，请在当前版本上更正。"
    en = "The document has a newer version; correct the current one."


class CorrectionMisplaced(WenyuanError):
    """The version has no such block, cell or chunk, or it cannot be corrected that way."""

    code = "correction.misplaced"
    status = 422
    zh = "无法更正：{reason}"
    en = "Cannot be corrected: {reason}"


# --- terms ----------------------------------------------------------------------------------------------------


class TermInvalid(WenyuanError):
    """A term cannot be stored as it was given."""

    code = "term.invalid"
    status = 422
    zh = "第 {line} 条术语无效：{reason}"
    en = "Term {line} is invalid: {reason}"


class TooManyTerms(WenyuanError):
    """The space would hold more terms than the stated limit; refused, never truncated."""

    code = "term.too_many"
    status = 422
    zh = "一个空间最多 {limit} 条术语。"
    en = "A space holds {limit} terms at most."


# --- jobs -----------------------------------------------------------------------------------------------------


class JobAbandoned(WenyuanError):
    """The service stopped during every attempt at the job."""

    code = "job.abandoned"
    zh = "处理过程中服务多次中断，任务已放弃。请重新上传；若再次发生，请检查该文件。"
    en = "The service stopped during every attempt and gave the job up. Upload the file again; check it if it recurs."


class LeaseLost(WenyuanError):
    """Another worker holds the job now; the holder of the old lease must stop writing."""

    code = "job.lease_lost"
    zh = "任务租约已失效。"
    en = "The job's lease was lost."


def error_message(code: str, params: Mapping[str, str | int | float], language: Language) -> str:
    """Return the sentence of an error that was stored as code and parameters."""
    kind = _by_code(WenyuanError).get(code, WenyuanError)
    return (kind.zh if language == "zh" else kind.en).format_map(_Forgiving(params))


def _by_code(base: type[WenyuanError]) -> dict[str, type[WenyuanError]]:
    found = {base.code: base}
    for sub in base.__subclasses__():
        found.update(_by_code(sub))
    return found


class _Forgiving(dict[str, str | int | float]):
    """Parameters stored by an older version may lack a name that the sentence has now."""

    def __missing__(self, key: str) -> str:
        return "?"
