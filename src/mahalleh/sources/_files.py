"""Outside files, opened with suspicion: a file is read whole or not at all, and what is wrong is said."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, cast

import polars as pl

from mahalleh.errors import Faults, MahallehError, SourceError

CHUNK_ROWS = 400_000  # rows in memory at a time
CHUNK_BYTES = 1 << 20
LINES_NAMED = 10


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expand(paths: Iterable[str | Path], patterns: tuple[str, ...], *, faults: Faults) -> list[Path]:
    """The files of the paths: a file is itself, a folder is what it holds of the patterns, at any depth."""
    files: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        try:
            if path.is_dir():
                found = sorted(file for pattern in patterns for file in path.rglob(pattern) if file.is_file())
                if not found:
                    list(path.iterdir())  # tells a folder without right from an empty one
                    faults.add("sources.nothing-here", path=path, pattern=" ".join(patterns))
                files.update(dict.fromkeys(found))
            elif path.exists():
                files[path] = None
            else:
                faults.add("sources.not-found", path=path)
        except OSError as error:
            faults.add("sources.no-right", path=path, reason=error.strerror)
    return list(files)


@contextmanager
def plain(path: Path, *, encoding: str = "utf-8") -> Iterator[Path]:
    """The path of the file as plain UTF-8 text: itself, or a copy that lives as long as the context.

    A gzip file is unpacked to its end, so that a cut-off one is noticed before a row is read.

    Raises:
        SourceError: unreadable, empty, damaged, binary, or in another encoding.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(2)
        if not magic:
            raise SourceError("sources.empty", path=path)
        if magic != b"\x1f\x8b" and encoding == "utf-8":
            _refuse_binary(path, path)
            yield path
            return
        with tempfile.NamedTemporaryFile(prefix="mahalleh-", suffix=".csv") as copy:
            with path.open("rb") as packed:
                source = gzip.GzipFile(fileobj=packed) if magic == b"\x1f\x8b" else packed
                _copy(cast(IO[bytes], source), copy, path=path, encoding=encoding)
            copy.flush()
            _refuse_binary(Path(copy.name), path)
            yield Path(copy.name)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise SourceError("sources.broken-gzip", path=path, reason=error) from error
        raise SourceError("sources.no-right", path=path, reason=error.strerror) from error
    except (EOFError, zlib.error) as error:
        raise SourceError("sources.broken-gzip", path=path, reason=error) from error


def header(path: Path, shown: Path, *, separator: str = ",") -> list[str]:
    """The column names of a plain CSV file; `shown` is the path that a person knows.

    Raises:
        SourceError: where the first line is not text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file, delimiter=separator), [])
    except UnicodeDecodeError as error:
        raise _encoding_error(path, shown) from error
    except csv.Error as error:
        raise SourceError("sources.unreadable", path=shown, reason=error) from error


def batches(
    path: Path, shown: Path, columns: list[str], *, separator: str = ",", chunk_rows: int = CHUNK_ROWS
) -> Iterator[pl.DataFrame]:
    """The named columns of a plain CSV file as text, with `line`, in frames of bounded size.

    `line` is the row's number in the file, the header being 1; values that hold line breaks are not counted.

    Raises:
        SourceError: lines of another length or encoding, with their numbers.
    """
    _refuse_ragged(path, shown, separator=separator)
    scan = pl.scan_csv(
        path, separator=separator, infer_schema=False, row_index_name="line", row_index_offset=2
    )
    try:
        yield from scan.select("line", *columns).collect_batches(chunk_size=chunk_rows)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise _why(path, shown, error) from error


def _copy(source: IO[bytes], target: IO[bytes], *, path: Path, encoding: str) -> None:
    if encoding == "utf-8":
        while chunk := source.read(1 << 20):
            target.write(chunk)
        return
    try:
        for text in io.TextIOWrapper(source, encoding=encoding, newline=""):
            target.write(text.encode())
    except UnicodeDecodeError as error:
        raise SourceError(
            "sources.encoding", path=path, encoding=encoding, lines=[f"~{error.start}"]
        ) from error


def _refuse_binary(path: Path, shown: Path) -> None:
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if not start.strip():
        raise SourceError("sources.empty", path=shown)
    if b"\0" in start:
        raise SourceError("sources.binary", path=shown)


def _refuse_ragged(path: Path, shown: Path, *, separator: str) -> None:
    """Refuse a file with lines of another length than its header's, which reading some columns hides.

    Where there is no quotation mark, counting separators and line ends megabyte by megabyte tells at the speed
    of memory (two wrong lines that make up for each other within a megabyte would pass); otherwise, or where
    the counts differ, each line is parsed.
    """
    mark, wanted = separator.encode(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            chunk += file.readline()
            wanted = wanted or chunk.split(b"\n", 1)[0].count(mark)
            lines = chunk.count(b"\n") + (not chunk.endswith(b"\n"))
            if b'"' in chunk or chunk.count(mark) != wanted * lines:
                break
        else:
            return
    if ragged := _ragged(path, shown, separator=separator):
        raise SourceError("sources.ragged", path=shown, wanted=wanted + 1, lines=ragged)


def _ragged(path: Path, shown: Path, *, separator: str) -> list[int]:
    """The first lines with more or fewer values than the header, parsed one by one; empty lines are none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, delimiter=separator)
            wanted = len(next(rows))
            wrong = (rows.line_num for row in rows if row and len(row) != wanted)
            return list(islice(wrong, LINES_NAMED))
    except UnicodeDecodeError as error:
        raise _encoding_error(path, shown) from error
    except csv.Error as error:
        raise SourceError("sources.unreadable", path=shown, reason=error) from error


def _why(path: Path, shown: Path, error: Exception) -> MahallehError:
    """What the fast reader stumbled over, in words."""
    if "utf-8" in str(error).lower() or isinstance(error, UnicodeDecodeError):
        return _encoding_error(path, shown)
    return SourceError("sources.unreadable", path=shown, reason=str(error).split("\n")[0])


def _encoding_error(path: Path, shown: Path) -> SourceError:
    wrong = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                wrong.append(number)
                if len(wrong) == LINES_NAMED:
                    break
    return SourceError("sources.encoding", path=shown, encoding="UTF-8", lines=wrong)
