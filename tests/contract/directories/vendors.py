"""Servers on this machine that answer as the published interfaces of WeCom, DingTalk and Feishu do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import serving

Query = dict[str, str]


@dataclass
class Company:
    """What the platform holds, and how it behaves."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    departments: dict[str, tuple[int, int]] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    refuses: bool = False
    away: bool = False
    busy: int = 0
    tokens: int = 0
    token: str = ""
    lifetime: int = 7200
    calls: int = 0

    def log_in(self) -> str:
        self.tokens += 1
        self.token = f"token-{self.tokens}"
        return self.token

    def expire(self) -> None:
        """The platform forgets the token before its time."""
        self.token = "forgotten"

    def in_department(self, key: int) -> list[tuple[str, dict[str, Any]]]:
        return sorted((name, one) for name, one in self.people.items() if key in one["departments"])


class VendorPlace:
    """A company on a platform; implements the kit's ``Place``."""

    has_departments = True
    kind = ""
    root = 1

    def __init__(self, url: str, company: Company) -> None:
        self.company = company
        self.endpoint: dict[str, Any] = {"kind": self.kind, "url": url, "timeout_s": 5}
        self.credentials: dict[str, Any] = {"user": "corp-id", "secret": "corp-secret"}

    async def person(self, name: str, shown: str, department: str = "", *, disabled: bool = False) -> None:
        key = self.company.departments[department][0] if department else self.root
        self.company.people[name] = {"shown": shown, "departments": [key], "disabled": disabled}

    async def forget(self, name: str) -> None:
        del self.company.people[name]

    async def department(self, name: str, above: str = "") -> None:
        parent = self.company.departments[above][0] if above else self.root
        self.company.departments[name] = (len(self.company.departments) + 2, parent)

    async def group(self, name: str, *people: str) -> None:
        known = self.company.groups.get(name)
        self.company.groups[name] = (known[0] if known else len(self.company.groups) + 1, list(people))

    async def break_down(self, how: str) -> None:
        if how == "refuses":
            self.company.refuses = True
        else:
            self.company.away = True


class Platform(BaseHTTPRequestHandler):
    """Reads a request and hands it to the platform's own answers."""

    company: Company
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}"))

    def _serve(self, body: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        query = {key: held[0] for key, held in parse_qs(parts.query).items()}
        self.company.calls += 1
        if self.company.away:
            self._send(503, {})
            return
        if self.company.busy:
            self.company.busy -= 1
            self._send(*self.too_fast())
            return
        self._send(200, self.answer(parts.path, query, body))

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass

    def too_fast(self) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError

    def answer(self, path: str, query: Query, body: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


class WeCom(Platform):
    def too_fast(self) -> tuple[int, dict[str, Any]]:
        return 200, {"errcode": 45009, "errmsg": "api freq out of limit"}

    def answer(self, path: str, query: Query, body: dict[str, Any]) -> dict[str, Any]:
        good: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
        if path == "/cgi-bin/gettoken":
            if self.company.refuses or query != {"corpid": "corp-id", "corpsecret": "corp-secret"}:
                return {"errcode": 40001, "errmsg": "invalid credential"}
            return good | {"access_token": self.company.log_in(), "expires_in": self.company.lifetime}
        if query.get("access_token") != self.company.token:
            return {"errcode": 42001, "errmsg": "access_token expired"}
        match path:
            case "/cgi-bin/department/list":
                listed = [{"id": 1, "name": "公司", "parentid": 0, "order": 1}]
                listed += [
                    {"id": key, "name": name, "parentid": above}
                    for name, (key, above) in self.company.departments.items()
                ]
                return good | {"department": listed}
            case "/cgi-bin/user/list":
                found = self.company.in_department(int(query["department_id"]))
                return good | {"userlist": [self._person(name, one) for name, one in found]}
            case "/cgi-bin/tag/list":
                return good | {
                    "taglist": [{"tagid": key, "tagname": name} for name, (key, _) in self.company.groups.items()]
                }
            case "/cgi-bin/tag/get":
                [members] = [held for key, held in self.company.groups.values() if str(key) == query["tagid"]]
                return good | {"userlist": [{"userid": name, "name": name} for name in members], "partylist": []}
        return {"errcode": 404, "errmsg": path}

    def _person(self, name: str, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "userid": name,
            "name": one["shown"],
            "department": one["departments"],
            "position": "",
            "status": 2 if one["disabled"] else 1,
            "biz_mail": f"{name}@corp.example",
        }


class DingTalk(Platform):
    def too_fast(self) -> tuple[int, dict[str, Any]]:
        return 200, {"errcode": 90018, "errmsg": "qps limit"}

    def answer(self, path: str, query: Query, body: dict[str, Any]) -> dict[str, Any]:
        good: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
        if path == "/gettoken":
            if self.company.refuses or query != {"appkey": "corp-id", "appsecret": "corp-secret"}:
                return {"errcode": 40089, "errmsg": "invalid appkey or appsecret"}
            return good | {"access_token": self.company.log_in(), "expires_in": self.company.lifetime}
        if query.get("access_token") != self.company.token:
            return {"errcode": 40014, "errmsg": "invalid access token"}
        match path:
            case "/topapi/v2/department/listsub":
                below = [
                    (name, key) for name, (key, above) in self.company.departments.items() if above == body["dept_id"]
                ]
                return good | {
                    "result": [{"dept_id": key, "name": name, "parent_id": body["dept_id"]} for name, key in below]
                }
            case "/topapi/v2/user/list":
                found = self.company.in_department(body["dept_id"])
                start, stop = body["cursor"], body["cursor"] + min(body["size"], 3)
                listed = [self._person(name, one) for name, one in found[start:stop]]
                more = stop < len(found)
                return good | {"result": {"has_more": more, "list": listed} | ({"next_cursor": stop} if more else {})}
            case "/topapi/role/list":
                roles = [{"id": key, "name": name} for name, (key, _) in self.company.groups.items()]
                kinds = [{"groupId": 1, "name": "职务", "roles": roles}] if body["offset"] == 0 and roles else []
                return good | {"result": {"hasMore": False, "list": kinds}}
            case "/topapi/role/simplelist":
                [members] = [held for key, held in self.company.groups.values() if key == body["role_id"]]
                return good | {
                    "result": {"hasMore": False, "list": [{"userid": name, "name": name} for name in members]}
                }
        return {"errcode": 404, "errmsg": path}

    def _person(self, name: str, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "userid": name,
            "unionid": f"u-{name}",
            "name": one["shown"],
            "dept_id_list": one["departments"],
            "active": not one["disabled"],
            "title": "",
            "job_number": "",
        }


class Feishu(Platform):
    def too_fast(self) -> tuple[int, dict[str, Any]]:
        return 429, {"code": 99991400, "msg": "request trigger frequency limit"}

    def answer(self, path: str, query: Query, body: dict[str, Any]) -> dict[str, Any]:
        contact = "/open-apis/contact/v3"
        if path == "/open-apis/auth/v3/tenant_access_token/internal":
            if self.company.refuses or body != {"app_id": "corp-id", "app_secret": "corp-secret"}:
                return {"code": 10014, "msg": "app secret invalid"}
            return {
                "code": 0,
                "msg": "ok",
                "tenant_access_token": self.company.log_in(),
                "expire": self.company.lifetime,
            }
        if self.headers.get("authorization") != f"Bearer {self.company.token}":
            return {"code": 99991663, "msg": "Invalid access token for authorization"}
        if path == f"{contact}/departments/0/children":
            listed = [
                {
                    "name": name,
                    "open_department_id": f"od-{key}",
                    "parent_department_id": f"od-{above}" if above else "0",
                }
                for name, (key, above) in self.company.departments.items()
            ]
            return self._paged("items", listed, query)
        if path == f"{contact}/users/find_by_department":
            key = int(query["department_id"].removeprefix("od-"))
            return self._paged("items", [self._person(*one) for one in self.company.in_department(key)], query)
        if path == f"{contact}/group/simplelist":
            listed = [{"id": f"g{key}", "name": name} for name, (key, _) in self.company.groups.items()]
            return self._paged("grouplist", listed, query)
        [members] = [
            held for key, held in self.company.groups.values() if path == f"{contact}/group/g{key}/member/simplelist"
        ]
        listed = [{"member_id": f"ou_{name}", "member_type": "user", "member_id_type": "open_id"} for name in members]
        return self._paged("memberlist", listed, query)

    def _paged(self, name: str, listed: list[dict[str, Any]], query: Query) -> dict[str, Any]:
        start = int(query.get("page_token", "0"))
        stop = start + 3
        data: dict[str, Any] = {name: listed[start:stop], "has_more": stop < len(listed)}
        return {"code": 0, "msg": "success", "data": data | ({"page_token": str(stop)} if stop < len(listed) else {})}

    def _person(self, name: str, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "open_id": f"ou_{name}",
            "user_id": name,
            "name": one["shown"],
            "department_ids": [f"od-{key}" for key in one["departments"] if key],
            "status": {"is_frozen": one["disabled"], "is_resigned": False, "is_activated": True, "is_exited": False},
        }


class WeComPlace(VendorPlace):
    kind = "wecom"


class DingTalkPlace(VendorPlace):
    kind = "dingtalk"


class FeishuPlace(VendorPlace):
    kind = "feishu"
    root = 0


@contextmanager
def platform(handler: type[Platform], place: type[VendorPlace]) -> Iterator[VendorPlace]:
    """Run a platform on a free port of this machine."""
    company = Company()
    bound = type("Bound", (handler,), {"company": company})
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), bound)) as server:
        yield place(f"http://127.0.0.1:{server.server_port}", company)
