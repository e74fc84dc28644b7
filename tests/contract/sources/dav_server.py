"""A WebDAV server: ``python dav_server.py FOLDER PORT``. The account is ``li`` with the password ``secret``."""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from wsgidav.wsgidav_app import WsgiDAVApp


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None: ...


folder, port = sys.argv[1], int(sys.argv[2])
app = WsgiDAVApp(
    {
        "provider_mapping": {"/dav": folder},
        "simple_dc": {"user_mapping": {"*": {"li": {"password": "secret"}}}},
        "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
        "property_manager": True,
        "lock_storage": True,
        "verbose": 0,
        "logging": {"enable": False},
    }
)
make_server("127.0.0.1", port, app, Server, Quiet).serve_forever()
