"""`make fresh`: what a bare root is handed of this machine, and what happens where none can be built."""

from __future__ import annotations

import pytest

from tools import fresh


@pytest.mark.parametrize(("ci", "status", "word"), [("", 0, "is skipped"), ("true", 1, "failed")])
def test_fresh__skips_with_a_word_but_fails_in_ci(monkeypatch, capsys, ci, status, word):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(SystemExit) as ended:
        fresh._give_up("debootstrap is not here")
    assert ended.value.code == status
    assert f"make fresh {word}: debootstrap is not here." in capsys.readouterr().out


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine whose pip is set by two files, one of them in a home, and by a variable."""
    for name in (*fresh.HANDED_ON, "PIP_CONSTRAINT", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("home", "etc", "index/simple", "wheels", "shared"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc" / "certificates").touch()
    (tmp_path / "home" / "pip.conf").write_text(
        f"[global]\nextra-index-url = file://{tmp_path}/index/simple\n"
    )
    (tmp_path / "etc" / "pip.conf").write_text(f"[global]\ncert = {tmp_path}/etc/certificates\n")
    told = [f"  {tmp_path}/{name}, exists: {there}" for name, there in
            (("home/pip.conf", True), ("etc/pip.conf", True), ("etc/none.conf", False))]  # fmt: skip
    monkeypatch.setattr(fresh, "_output", lambda *command: "global:\n" + "\n".join(told))
    monkeypatch.setattr(fresh.Path, "home", lambda: tmp_path / "home")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("MAHALLEH_SHARED", str(tmp_path / "shared"))
    return tmp_path


def test_root__sees_pips_settings_all_that_they_name_and_the_shared_data(machine, tmp_path):
    root = tmp_path / "root"
    inside = root / machine.relative_to("/")
    assert fresh._handed_in(root) == {
        machine / "home/pip.conf": root / "root/pip.conf",  # the home of its own account
        machine / "etc/pip.conf": inside / "etc/pip.conf",
        machine / "etc/certificates": inside / "etc/certificates",
        machine / "index": inside / "index",  # an index's files stand beside it
        machine / "wheels": inside / "wheels",
        machine / "shared": root / "root/shared",
    }


def test_root__has_the_machines_settings_and_no_other_variable(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")  # there is no browser in a bare root: its tests skip, and do not fail
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    command = fresh._inside(tmp_path / "root", "make test")
    given = dict(word.split("=", 1) for word in command[command.index("-i") + 1 : command.index("sh")])
    assert set(given) == {"HOME", "PATH", "LANG", "PIP_FIND_LINKS", "https_proxy"} | set(pip_variables())


def pip_variables() -> list[str]:
    return [name for name in fresh.os.environ if name.startswith("PIP_")]
