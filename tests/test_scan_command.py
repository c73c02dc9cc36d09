"""`mahalleh scan`: two files in, clusters out, and a clear word about files that cannot be used."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mahalleh.cli import run

AREAS = "area,x,y,population\n" + "".join(f"a{i},{i},{i % 3},{100 + i}\n" for i in range(9))


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(2)
    counts = rng.poisson(1.0, (9, 12))
    counts[4:6, -2:] += 6
    rows = [f"a{i},2024-{p + 1:02d},{n}" for (i, p), n in np.ndenumerate(counts) if n]
    (tmp_path / "areas.csv").write_text(AREAS, encoding="utf-8")
    (tmp_path / "cases.csv").write_text("area,period,n\n" + "\n".join(rows), encoding="utf-8")
    return tmp_path


def scan(folder, *options):
    return run(["scan", str(folder / "cases.csv"), str(folder / "areas.csv"), "--replicates", "99", *options])


@pytest.mark.parametrize("model", ["poisson", "permutation"])
def test_scan__prints_clusters_as_json(files, capsys, model):
    assert scan(files, "--json", "--max-population", "0.4", "--model", model) == 0
    told = json.loads(capsys.readouterr().out)
    first = told["clusters"][0]
    assert {"a4", "a5"} <= set(first["areas"])
    assert (first["start"], first["end"]) == ("2024-11", "2024-12")
    assert first["p_value"] == pytest.approx(0.01)


def test_scan__prints_a_table_whose_cells_are_whole(files, capsys):
    assert scan(files, "--max-population", "0.4") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "2024-11" in line)
    assert "0.010" in line
    assert "…" not in line


def test_scan__says_where_nothing_is_more_than_expected(files, capsys):
    (files / "cases.csv").write_text("area,period,n\na0,1,0\na0,2,0\n", encoding="utf-8")
    assert scan(files) == 0
    assert "more than expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("cases.csv", "area,period,n\na0,1,many\na0,2,3\n", "lines 2"),
        ("cases.csv", "area,when,n\na0,1,1\n", "period"),
        ("cases.csv", "area,period,n\nelsewhere,1,1\n", "elsewhere"),
        ("areas.csv", AREAS + "a0,9,9,100\n", "more than once: a0"),
        ("areas.csv", "area,x,y\n" + "a0,1,2\n", "population"),
        ("areas.csv", b"\xff\xfe\x00\x01", "CSV"),
        ("areas.csv", b"", "CSV"),
    ],
)
def test_scan__refuses_files_that_it_cannot_use(files, capsys, name, content, told):
    data = content if isinstance(content, bytes) else content.encode()
    (files / name).write_bytes(data)
    if name == "areas.csv" and content == "area,x,y\n" + "a0,1,2\n":
        (files / "cases.csv").write_text("area,period,n\na0,1,2\n", encoding="utf-8")
    assert scan(files, "--max-periods", "1") == 3
    assert told in capsys.readouterr().err


def test_scan__of_a_missing_file_names_it(tmp_path, capsys):
    assert run(["scan", str(tmp_path / "no.csv"), str(tmp_path / "no.csv")]) == 7
    assert "no.csv" in capsys.readouterr().err
