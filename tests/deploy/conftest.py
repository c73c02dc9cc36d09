"""nginx with the shipped file, before a small server that tells what reached it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import front
from tools.front import Front

LARGE = 20_000_000  # bytes of a download


class Telling(BaseHTTPRequestHandler):
    """Answers with what it was asked, as JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A page, or a download."""
        if self.path == "/large":
            self.send_response(200)
            self.send_header("Content-Length", str(LARGE))
            self.end_headers()
            for _ in range(LARGE // 100_000):
                self.wfile.write(b"a" * 100_000)
            return
        length = int(self.headers.get("Content-Length", 0))
        got = self.rfile.read(length)
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        said = json.dumps({"path": self.path, "headers": headers, "length": len(got)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET  # noqa: N815  (the name is http.server's)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    """Silent about those who leave."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def program() -> str:
    """Where nginx stands; a skip that says how to get it, but a failure in CI."""
    path = front.nginx()
    if path is None:
        word = f"no nginx here; to run the tests of deploy/nginx.conf: {front.INSTALL}"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    return path


@pytest.fixture(scope="session")
def behind() -> Iterator[int]:
    """The port of the small server."""
    server = Server(("127.0.0.1", 0), Telling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def begun(program: str) -> Iterator[Callable[..., Front]]:
    """nginx before a port, with an error log of a level."""
    with ExitStack() as stack:

        def begin(port: int, level: str = "emerg") -> Front:
            folder = Path(tempfile.mkdtemp(prefix="mahalleh-front-"))  # where nginx's own account may go too
            folder.chmod(0o755)
            stack.callback(shutil.rmtree, folder)
            return stack.enter_context(Front(folder, behind=port, level=level))

        yield begin


@pytest.fixture
def nginx(begun: Callable[..., Front], behind: int) -> Front:
    """nginx before the small server."""
    return begun(behind)
