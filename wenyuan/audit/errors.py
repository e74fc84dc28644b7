"""Errors of the audit."""

from wenyuan.errors import WenyuanError


class AuditUnavailable(WenyuanError):
    """What was about to be shown or sent cannot be recorded, so it is not shown or sent.

    No ``TransientError``: nobody falls back on something else because the log cannot be written.
    """

    code = "audit.unavailable"
    status = 503
    retryable = True
    zh = "审计日志暂时无法写入，因此不返回任何内容。请稍后再试，或联系管理员。"
    en = "The audit log cannot be written, so nothing is shown. Try again later, or tell an administrator."
