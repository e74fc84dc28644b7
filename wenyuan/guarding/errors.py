"""What the guard refuses."""

from wenyuan.errors import WenyuanError


class QuestionRefused(WenyuanError):
    """The question falls into a category that is not answered."""

    code = "question.refused"
    status = 422
    zh = "该问题涉及不予回答的内容（{zh}），未作处理。如有疑问请联系管理员。"
    en = "This question falls into a category that is not answered ({en}). Ask an administrator if this is a mistake."


class QuarantineHeld(WenyuanError):
    """A document is released by its owner alone, and somebody else has put it in quarantine."""

    code = "quarantine.held"
    status = 403
    zh = "该文档由他人隔离，须由空间管理者或管理员解除。"
    en = "Somebody else has put this document in quarantine; a manager of its space or an administrator releases it."
