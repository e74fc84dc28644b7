"""What can befall an answer, and stored conversations."""

from wenyuan.errors import WenyuanError


class AnswerRevoked(WenyuanError):
    """What an answer rests on was withdrawn from the asker, relabelled or deleted while it was being made."""

    code = "answer.revoked"
    status = 409
    retryable = True
    zh = "回答所依据的文档已被撤回、调整密级或删除，回答已中止。请重新提问。"
    en = "A document behind this answer was withdrawn, relabelled or deleted, so the answer was stopped. Ask again."


class ModelUnknown(WenyuanError):
    """A request names a model that there is not, or that its caller may not use."""

    code = "model.unknown"
    status = 400
    zh = "没有名为“{model}”的模型，或您无权使用。可用的模型见 GET /v1/models。"
    en = "There is no model called {model}, or you may not use it. GET /v1/models lists those you may."


class PictureInvalid(WenyuanError):
    """The picture of a question cannot be taken from the request: several, or no base64."""

    code = "picture.invalid"
    status = 422
    zh = "问题可附一张图片，须为 base64 编码的数据地址（data:image/…;base64,…）。"
    en = "A question takes one picture, as a data address in base64 (data:image/…;base64,…)."


class PictureNotSent(WenyuanError):
    """The picture of a question is an address: nothing is fetched from elsewhere."""

    code = "picture.address"
    status = 422
    zh = "本服务不从网址读取图片。请随问题发送图片本身。"
    en = "Pictures are not fetched from addresses. Send the picture itself with the question."


class ConversationsOff(WenyuanError):
    """The settings keep no conversations."""

    code = "conversation.off"
    status = 409
    zh = "本服务不保存对话记录。"
    en = "This service stores no conversations."


class ConversationsFull(WenyuanError):
    """The user would keep more conversations, or the conversation more turns, than the stated limit."""

    code = "conversation.full"
    status = 409
    zh = "已达上限 {limit}。请删除旧的对话，或开始新的对话。"
    en = "The limit of {limit} is reached. Delete old conversations, or begin a new one."
