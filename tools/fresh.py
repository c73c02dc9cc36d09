"""The two commands of the README on a bare Debian: `make run` until the first pages answer, then `make test`.

    python3 -m tools.fresh               # each Debian of RELEASES
    python3 -m tools.fresh --other       # only those whose Python this machine has not

A root of each is built by debootstrap with what the README asks for and nothing more, so browser tests skip.
It is handed this machine's certificates, resolver, proxy and pip settings, the checkout's tracked files and,
where it stands, `../shared`. Mounts live in a namespace of their own. A root is removed at the
end; a copy as it was built is kept for a week in the user's cache.

Skips with a word where it cannot; where `CI=true`, that is a failure. Needs the standard library alone.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final, NoReturn

RELEASES: Final = {"bookworm": (3, 11), "trixie": (3, 13)}  # Debian 12 and 13, and the Python that each has
PACKAGES: Final = "python3-venv,make"  # what the README says that a machine needs
KEPT: Final = 7 * 86_400  # seconds that a root is kept: after that its packages are old
FIRST_PAGE: Final = 900  # seconds: everything is fetched and a city is founded before
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "mahalleh-fresh")
HERE: Final = Path(__file__).resolve().parent.parent
PROXIES: Final = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
HANDED_ON: Final = (*PROXIES, *CERTIFICATES)
PAGES: Final = {"/fa/": "محله", "/en/": "neighbourhood"}  # and a word that must stand on each


def main() -> None:
    """Both commands in each root, one after the other, with times."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that what is below `finally` is done
    others = {name for name, python in RELEASES.items() if python != sys.version_info[:2]}
    mirror = _mirror()
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one run at a time builds and removes roots
        for release in RELEASES if "--other" not in sys.argv else others:
            _check_network(mirror, release)
            try:
                _try(CACHE / release, release, mirror)
            finally:
                shutil.rmtree(CACHE / release)


def _try(root: Path, release: str, mirror: str) -> None:
    for name, part in (("a bare root", _build), ("make run", _run), ("make test", _test)):
        began = time.monotonic()
        print(f"== {release}: {name}", flush=True)
        part(root, release, mirror)
        print(f"== {release}: {name}: {time.monotonic() - began:.0f} s", flush=True)


def _give_up(reason: str) -> NoReturn:
    """Skip with a word; but in CI, where it must run, fail."""
    fails = os.environ.get("CI") == "true"
    print(f"make fresh {'failed' if fails else 'is skipped'}: {reason}.")
    sys.exit(int(fails))


def _mirror() -> str:
    """Where this machine's apt fetches Debian, after a look at what the rest needs."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        _give_up("building a root needs to be root and to mount")
    if shutil.which("debootstrap") is None:
        _give_up("debootstrap is not here (apt-get install debootstrap)")
    fields = "$(ORIGIN) $(LABEL) $(COMPONENT) $(SITE)"
    told = _output("apt-get", "indextargets", "--format", fields, "Created-By: Packages")
    sites = [line.split(" ", 3)[3] for line in told.splitlines() if line.startswith("Debian Debian main ")]
    if given := os.environ.get("MAHALLEH_DEBIAN", next(iter(sites), "")):
        return given.rstrip("/")
    _give_up("apt's sources name no Debian here; set MAHALLEH_DEBIAN to a mirror's address")


def _check_network(mirror: str, release: str) -> None:
    try:
        urllib.request.urlopen(f"{mirror}/dists/{release}/Release", timeout=60).close()  # noqa: S310  (apt's own)
    except urllib.error.URLError as error:
        _give_up(f"no network: {mirror} does not answer ({error})")


def _build(root: Path, release: str, mirror: str) -> None:
    """A bare root with the checkout in a closed home, from the copy of a run before where that is new."""
    copy = CACHE / f"{release}.tar"
    if root.exists():  # of a run that was killed
        shutil.rmtree(root)
    root.mkdir()
    if copy.exists() and time.time() - copy.stat().st_mtime < KEPT:
        _do("tar", "-xf", copy, "-C", root)
    else:
        debootstrap = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", release, root, mirror]
        _do("unshare", "--mount", "--propagation", "private", *debootstrap)
        _do("tar", "-cf", copy.with_suffix(".new"), "-C", root, ".")
        copy.with_suffix(".new").replace(copy)
    for path in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copyfile(path, root / path[1:])
    home = root / "root" / "mahalleh"
    tracked = _output("git", "ls-files", "-z").split("\0")
    for name in filter(None, tracked):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / name, home / name)


def _run(root: Path, release: str, mirror: str) -> None:
    """`make run` answers in both languages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = subprocess.Popen(_inside(root, f"make run ADDRESS={address}"), start_new_session=True)
    try:
        ends = time.monotonic() + FIRST_PAGE
        while not _answers(address):
            if server.poll() is not None or time.monotonic() > ends:
                sys.exit(f"{release}: make run shows no page.")
            time.sleep(1)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def _answers(address: str) -> bool:
    for path, word in PAGES.items():
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as page:
                if word not in page.read().decode():
                    sys.exit(f"{path} says nothing of “{word}”.")
        except OSError:
            return False
    return True


def _test(root: Path, release: str, mirror: str) -> None:
    _do(*_inside(root, "make test"))


def _inside(root: Path, command: str) -> list[str]:
    """The command in the root, with mounts and processes that end with it."""
    given = {key: os.environ[key] for key in os.environ if key.startswith("PIP_") or key in HANDED_ON}
    plain = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    script = ["set -e"]
    script += [f"mount --rbind /dev '{root}/dev'", f"mount -t proc proc '{root}/proc'"]
    for path, target in _handed_in(root).items():
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.mkdir() if path.is_dir() else target.touch()
        script.append(f"mount -o bind,ro '{path}' '{target}'")
    script.append(f"exec chroot '{root}' /bin/sh -c 'cd ~/mahalleh && {command}'")
    own = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    environment = [f"{key}={value}" for key, value in (given | plain).items()]
    return [*own, "env", "-i", *environment, "sh", "-c", "\n".join(script)]


def _handed_in(root: Path) -> dict[Path, Path]:
    """What the root sees of this machine, and where: pip's settings with all that they name, `../shared`."""
    named = " ".join(os.environ.get(key, "") for key in (*CERTIFICATES, "PIP_FIND_LINKS", "PIP_CONSTRAINT"))
    found: dict[Path, Path] = {}
    for line in _output(sys.executable, "-m", "pip", "config", "debug").splitlines():
        if match := re.fullmatch(r"\s*(/.*), exists: True", line):
            path = Path(match[1])
            own = path.is_relative_to(Path.home())
            found[path] = root / ("root" / path.relative_to(Path.home()) if own else path.relative_to("/"))
            named += " " + path.read_text(encoding="utf-8")
    for link, text in re.findall(r"(file://)?(/[^\s'\",]+)", named):
        path = Path(text)
        path = path.parent if link else path  # the files of an index stand beside it
        if path.exists():
            found[path] = root / path.relative_to("/")
    shared = Path(os.environ.get("MAHALLEH_SHARED", HERE.parent / "shared"))
    if shared.is_dir():
        found[shared.resolve()] = root / "root" / "shared"
    return found


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True).stdout


def _do(*command: str | Path) -> None:
    if subprocess.run(command, cwd=HERE, stdin=subprocess.DEVNULL).returncode:
        sys.exit(f"Failed: {' '.join(map(str, command))[:400]}")


if __name__ == "__main__":
    main()
