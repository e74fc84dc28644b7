"""What can be wrong with a model, each with a stable code and a sentence that says how to mend it."""

from wenyuan.errors import ModelError


class ModelMissing(ModelError):
    """There is no such model folder; ``hint`` is a command or a path, the same in every language."""

    code = "model.missing"
    zh = "找不到模型 {model}。处理办法：{hint}"
    en = "The model {model} was not found. To mend it: {hint}"


class ModelDamaged(ModelError):
    """A file of the model is absent, altered or not what its header says."""

    code = "model.damaged"
    zh = "模型 {model} 的文件 {file} 缺失或已损坏（{detail}）。请重新生成或重新放置该模型。"
    en = "The file {file} of the model {model} is missing or damaged ({detail}). Build or place the model again."


class ModelUnsupported(ModelError):
    """The model is intact, but of a kind that cannot be run here."""

    code = "model.unsupported"
    zh = "无法运行模型 {model}：{detail}"
    en = "The model {model} cannot be run: {detail}"


class DownloadDisabled(ModelError):
    """A hub name was configured, the model is not here, and downloads are off."""

    code = "model.download_disabled"
    zh = "模型 {model} 不在本机，且未允许下载。请把模型文件夹放到 {folder}，或设置 embedding.allow_download = true。"
    en = (
        "The model {model} is not on this machine and downloads are off. "
        "Place its folder at {folder}, or set embedding.allow_download = true."
    )


class DownloadFailed(ModelError):
    """The hub could not be reached or does not have the model in ONNX form."""

    code = "model.download_failed"
    retryable = True
    zh = "下载模型 {model} 失败（{detail}）。请检查网络，或把模型文件夹放到 {folder}。"
    en = "The download of the model {model} failed ({detail}). Check the network, or place its folder at {folder}."


class EndpointRejected(ModelError):
    """The embedding endpoint refuses the request or answers with vectors that do not fit; retrying cannot help."""

    code = "model.endpoint_rejected"
    zh = "向量服务 {host} 拒绝请求或返回不符的结果（{detail}）。请检查地址、密钥、模型名和维度设置。"
    en = (
        "The embedding endpoint {host} refused the request or answered with a wrong result ({detail}). "
        "Check address, key, model name and dimension."
    )
