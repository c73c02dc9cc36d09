"""The account of what publishing has cost: what it adds up, what it refuses, and what pages read of it."""

from __future__ import annotations

import ast
import importlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mahalleh.errors import DisclosureError
from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Published
from mahalleh_site.places import files
from mahalleh_site.releases import account, doctor, frozen, turn
from mahalleh_site.releases.models import Release
from mahalleh_site.releases.queries import account as pages
from tests.site.commands.test_load import run, table, weeks

SITE = Path(account.__file__).parents[1]


@pytest.fixture
def loaded(squares, tmp_path):
    """Forty weeks of noise in a city that has published nothing yet."""
    assert run(*table(tmp_path, weeks(40, each=6))) == 0


def refused(code: str, call, *args, **kwargs) -> str:
    with pytest.raises(DisclosureError) as caught:
        call(*args, **kwargs)
    assert [fault.code for fault in caught.value.faults] == [f"disclose.{code}"]
    assert caught.value.text("fa") != caught.value.text("en")
    return caught.value.text("en")


def untouched(settings) -> bool:
    """Whether nothing was written: no ledger, no release, no account."""
    private = files.private_path(settings.VAR)
    return not (
        Release.objects.exists()
        or any(private.glob("*.parquet"))
        or frozen.account_path(settings.VAR).exists()
    )


def also(monkeypatch, name: str, draws: pl.DataFrame, **facts) -> None:
    """Another room's table stands in the account too."""
    known = rooms.published()
    more = Published("More", **facts)
    monkeypatch.setattr(rooms, "published", lambda: {**known, name: (more, lambda: draws)})


def test_account__of_a_release_is_its_epsilon_and_comes_from_its_ledger(loaded, settings):
    assert pages.current() is None
    assert turn.publish(by="system:test") is not None
    found = pages.current()
    assert {line.of: line.epsilon for line in found.lines} == {
        "event": 1, "corrected": 2, "person": 10, "answer": 0, "referral": 0,
    }  # fmt: skip
    assert (found.event.guesses, found.cap) == (74, 4.0)  # e / (1 + e) is 0.731
    settings.CITY = replace(settings.CITY, epsilon=0.1)
    account.keep(account.draw_up())
    assert pages.current().event.epsilon == 1  # what the settings say now changes nothing


def test_account__goes_on_after_a_revision(loaded, tmp_path):
    turn.publish(by="system:test")
    assert turn.publish(by="system:test", revise=True) is not None
    lines = {line.of: line.epsilon for line in pages.current().lines}
    assert (lines["event"], lines["corrected"]) == (1, 3)


def test_account__changes_with_a_release_alone(loaded, tmp_path, settings):
    turn.publish(by="system:test")
    before = frozen.account_path(settings.VAR).read_bytes()
    assert run(*table(tmp_path, weeks(10, each=6, first=date(2025, 1, 6)), name="more.csv")) == 0
    assert frozen.account_path(settings.VAR).read_bytes() == before


def test_turn__that_would_cost_an_event_more_than_stated_writes_nothing(loaded, settings):
    settings.CITY = replace(settings.CITY, event_cap=0.9)
    text = refused("above-cap", turn.publish, by="system:test")
    assert "event_cap" in text
    assert untouched(settings)
    settings.CITY = replace(settings.CITY, event_cap=1.0)
    assert turn.publish(by="system:test") is not None


def test_turn__counts_what_other_tables_have_cost(loaded, settings, monkeypatch):
    turn.publish(by="system:test")
    also(monkeypatch, "ways", turn.ledger().with_columns(epsilon=pl.lit(3.5)))
    assert "counts: 1" in refused("above-cap", account.admit, "counts", turn.ledger())
    also(monkeypatch, "ways", turn.ledger().with_columns(epsilon=pl.lit(3.5)), unit="answer")
    account.admit("counts", turn.ledger())
    assert [line.epsilon for line in _kept().lines] == [1, 2, 10, 3.5, 0]


def _kept() -> pages.Account:
    account.keep(account.draw_up())
    return pages.current()


def test_table__that_no_manifest_names_is_refused(loaded):
    assert "counts" in refused("unknown-table", account.admit, "secret", turn.ledger())


def test_turn__is_refused_while_a_ledger_lies_about_that_nobody_adds_up(loaded, settings):
    strange = files.private_path(settings.VAR) / "ledger-of-votes.parquet"
    turn.ledger().write_parquet(strange)
    assert strange.name in refused("unknown-ledger", turn.publish, by="system:test")
    strange.unlink()
    assert turn.publish(by="system:test") is not None


@pytest.mark.parametrize("times", [50, 5])
def test_turn__whose_noise_is_smaller_than_the_ledger_says_writes_nothing(
    loaded, settings, monkeypatch, times
):
    from mahalleh.disclose import noise

    monkeypatch.setattr(noise, "MAX_EPSILON", 100.0)
    module = importlib.import_module("mahalleh.disclose.release")
    monkeypatch.setattr(module, "draw", lambda exact, *, epsilon: noise.draw(exact, epsilon=times * epsilon))
    refused("noise-too-small", turn.publish, by="system:test")
    assert untouched(settings)


def test_turn__with_epsilon_50_times_the_citys_is_above_its_cap(loaded, settings, monkeypatch):
    from mahalleh.disclose import noise

    monkeypatch.setattr(noise, "MAX_EPSILON", 100.0)
    settings.CITY = replace(settings.CITY, epsilon=50.0)
    refused("above-cap", turn.publish, by="system:test")
    assert untouched(settings)


def test_turn__of_cells_that_the_ledger_does_not_hold_writes_nothing(loaded, settings, monkeypatch):
    made = turn.disclose.release

    def wrong(*args, **kwargs):
        found = made(*args, **kwargs)
        return replace(found, cells=found.cells.with_columns(pl.col("value") + 1))

    monkeypatch.setattr(turn.disclose, "release", wrong)
    refused("unaccounted", turn.publish, by="system:test")
    assert untouched(settings)


def test_doctor__tells_what_an_event_has_cost_and_where_the_account_does_not_come_out(loaded, settings):
    turn.publish(by="system:test")
    (finding,) = doctor.accounted()
    assert (finding.ok, finding.facts["cost"], finding.facts["cap"]) == (True, "1", "4")
    settings.CITY = replace(settings.CITY, event_cap=0.5)
    refused("above-cap", lambda: list(doctor.accounted()))


def test_account__holds_no_count(loaded, settings):
    turn.publish(by="system:test")
    text = json.loads(frozen.account_path(settings.VAR).read_text())
    assert set(text) == {"day", "cap", "units"}
    assert set(text["units"]["event"]) == {"unit", "one", "corrected", "tables"}
    assert set(text["units"]["event"]["tables"]["counts"]) == {"epsilon", "rho"}


def test_modules__that_draw_noise_ask_the_account_first():
    """A table whose ledger grows past the account is one that no account knows."""
    drawing = []
    for module in sorted(SITE.rglob("*.py")):
        text = module.read_text(encoding="utf-8")
        if "mahalleh" in text and any(_draws(node) for node in ast.walk(ast.parse(text))):
            drawing.append(module.relative_to(SITE).as_posix())
            assert "account.admit(" in text, module
    assert "releases/turn.py" in drawing


def _draws(node: ast.AST) -> bool:
    """A call of `disclose.release` or `noise.draw`, or an import of either by its own name."""
    if isinstance(node, ast.ImportFrom):
        ours = (node.module or "").startswith("mahalleh.disclose")
        return ours and any(alias.name in ("release", "draw") for alias in node.names)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    return (of, node.func.attr) in (("disclose", "release"), ("noise", "draw"))
