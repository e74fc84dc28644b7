"""Errors as RFC 7644 §3.12 shapes them, each with a stable code of ours beside the ``scimType``."""

from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from api.errors import RETRY_AFTER_S, request_language
from wenyuan.errors import InvalidRequest, TransientError, Unauthenticated, WenyuanError

MEDIA_TYPE: Final = "application/scim+json"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(WenyuanError):
    """Base of what is wrong with a SCIM request."""

    code = "scim.invalid"
    status = 400
    scim_type = "invalidValue"
    zh = "SCIM 请求无效：{reason}"
    en = "Invalid SCIM request: {reason}"


class ScimSyntax(ScimError):
    """The body is not shaped as SCIM says, or names an attribute that does not exist."""

    code = "scim.syntax"
    scim_type = "invalidSyntax"
    zh = "SCIM 请求格式无效：{reason}"
    en = "The SCIM request is malformed: {reason}"


class ScimFilter(ScimError):
    """A filter does not follow the grammar, or names an attribute that does not exist."""

    code = "scim.filter"
    scim_type = "invalidFilter"
    zh = "筛选条件无效：{reason}"
    en = "The filter is not valid: {reason}"


class ScimPath(ScimError):
    """The path of a change is not valid."""

    code = "scim.path"
    scim_type = "invalidPath"
    zh = "路径无效：{reason}"
    en = "The path is not valid: {reason}"


class ScimNoTarget(ScimError):
    """A path with a filter that nothing meets."""

    code = "scim.no_target"
    scim_type = "noTarget"
    zh = "路径没有匹配的值：{reason}"
    en = "Nothing matches the path: {reason}"


class ScimValue(ScimError):
    """A value of the wrong type or of no use."""

    code = "scim.value"
    zh = "值无效：{reason}"
    en = "The value is not valid: {reason}"


class ScimReadOnly(ScimError):
    """A change of an attribute that only this service sets."""

    code = "scim.read_only"
    scim_type = "mutability"
    zh = "属性 {reason} 不能由客户端修改。"
    en = "The attribute {reason} cannot be changed by clients."


class ScimTaken(ScimError):
    """A unique value belongs to another resource."""

    code = "scim.taken"
    status = 409
    scim_type = "uniqueness"
    zh = "“{name}”已被占用。"
    en = "'{name}' is taken."


class ScimTooMany(ScimError):
    """More than one request may carry."""

    code = "scim.too_many"
    status = 413
    scim_type = "tooMany"
    zh = "一次请求最多 {limit} 项。"
    en = "One request carries {limit} values at most."


class ScimStale(ScimError):
    """The resource is not the version that the request was made for."""

    code = "scim.stale"
    status = 412
    scim_type = ""
    zh = "资源已被修改，请重新读取后再试。"
    en = "The resource has changed since it was read; read it again."


class ScimRoute(APIRoute):
    """Answers errors in the shape of SCIM."""

    def get_route_handler(self) -> Any:
        """Return the handler of the route with its errors caught."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response: Response = await inner(request)
            except WenyuanError as error:
                return error_response(request, error)
            except RequestValidationError as error:
                place = ".".join(str(part) for part in error.errors()[0]["loc"])
                return error_response(request, InvalidRequest(reason=place))
            return response

        return handle


def error_response(request: Request, error: WenyuanError) -> Response:
    """Return an error as SCIM clients read it."""
    body = {
        "schemas": [ERROR],
        "status": str(error.status),
        "detail": error.message(request_language(request)),
        "code": error.code,
    }
    scim_type = getattr(error, "scim_type", "invalidValue" if error.status in {400, 422} else "")
    if scim_type:
        body["scimType"] = scim_type
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TransientError):
        headers["Retry-After"] = RETRY_AFTER_S
    return JSONResponse(body, status_code=error.status, headers=headers, media_type=MEDIA_TYPE)
