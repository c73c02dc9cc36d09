"""Starts nginx with the very file that is shipped, `deploy/nginx.conf`.

Only ports, paths and the server behind it are put in. For the tests that attack through it, and for
`benchmarks/attacks.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SHIPPED = Path(__file__).resolve().parents[1] / "deploy" / "nginx.conf"
HOST = "city.example"  # as in the file
INSTALL = "apt-get install nginx"
PATIENCE = 20.0  # seconds that nginx has to begin and to end


def nginx() -> str | None:
    """Where nginx stands; Debian keeps it from the path of ordinary accounts."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Front:
    """nginx in front of the server on `behind`, until the block ends. `level`: of its error log."""

    def __init__(self, folder: Path, *, behind: int, level: str = "emerg") -> None:
        self.folder, self.behind, self.level = folder, behind, level
        self.https, self.http = _free(), _free()
        self.log = folder / "error.log"
        self.temporary = [folder / "body", folder / "proxy"]
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE  # made a moment ago, for nobody

    def __enter__(self) -> Self:
        program = nginx()
        if program is None:
            raise FileNotFoundError(f"no nginx here: {INSTALL}")
        self.folder.mkdir(parents=True, exist_ok=True)
        _make_certificate(self.folder)
        path = self.folder / "nginx.conf"
        path.write_text(self.written(), encoding="utf-8")
        command = [program, "-c", str(path), "-g", "daemon off;"]
        with (self.folder / "stderr").open("wb") as said:
            self.process = subprocess.Popen(command, stderr=said)
        until = time.monotonic() + PATIENCE
        while not _answers(self.https):
            if self.process.poll() is not None or time.monotonic() > until:
                self.process.kill()
                raise RuntimeError((self.folder / "stderr").read_text(encoding="utf-8"))
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def written(self) -> str:
        """The shipped file with this machine's ports and paths.

        Raises:
            ValueError: where the file has changed, and a place to put something in is gone.
        """
        text = SHIPPED.read_text(encoding="utf-8")
        for before, after in {
            r"pid /run/nginx\.pid;": f"pid {self.folder}/pid;",
            r"error_log stderr emerg;": f"error_log {self.log} {self.level};",
            r"/var/lib/nginx/body;": f"{self.temporary[0]};",
            r"/var/lib/nginx/proxy;": f"{self.temporary[1]};",
            r"/etc/letsencrypt/live/city\.example/": f"{self.folder}/",
            r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{self.behind};",
            r"( +)listen \[::\]:.*\n": "",
            r"listen 80\b": f"listen 127.0.0.1:{self.http}",
            r"listen 443\b": f"listen 127.0.0.1:{self.https}",
        }.items():
            text, times = re.subn(before, after, text)
            if not times:
                raise ValueError(f"{SHIPPED} has no “{before}” any more")
        # the address that a visitor comes from may be any of this machine's, 127.0.0.0/8
        return text


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365))  # tests have a clock of their own
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False
