"""Outside files, opened with suspicion: a file is read whole or not at all, and what is wrong is said."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np
import polars as pl

from mahalleh.errors import Faults, MahallehError, SourceError

CHUNK_ROWS = 250_000  # of a table that is not text, in memory at a time
CHUNK_BYTES = 48 << 20  # of text in memory at a time
COUNTED_BYTES = 1 << 20  # counted at a time: two wrong lines that make up for each other must lie as near
LINES_NAMED = 10  # of those that are wrong: enough to see what is wrong
LINE_END = ord("\n")
QUOTED = re.compile(rb'"[^"]*"')


def digests(paths: Iterable[Path]) -> list[str]:
    """SHA-256 of each file's bytes, in hexadecimal."""

    def digest(path: Path) -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    with ThreadPoolExecutor() as pool:  # hashing leaves the interpreter free
        return list(pool.map(digest, paths))


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
    path: Path, shown: Path, columns: list[str], *, separator: str = ",", chunk_bytes: int = CHUNK_BYTES
) -> Iterator[pl.DataFrame]:
    """The named columns of a plain CSV file as text, with `line`, in frames of bounded size.

    `line` is the row's number in the file, the header being 1; a line break inside a value is not counted.
    The file is read in pieces that end with a row, so memory is bounded whatever its size, and the other
    columns never become values.

    Raises:
        SourceError: lines with more or fewer values than the header, or of another encoding, with numbers.
    """
    held = header(path, shown, separator=separator)
    numbered = {str(number): pl.String for number in range(len(held))}  # a name may stand twice in a header
    wanted = [pl.col(str(held.index(column))).alias(column) for column in columns]
    with path.open("rb") as file:
        file.readline()
        line = 2
        while (piece := _rows(file, chunk_bytes))[0]:
            chunk, quoted = piece
            _refuse_ragged(chunk, shown, values=len(held), separator=separator, line=line, quoted=quoted)
            try:
                table = pl.scan_csv(chunk, has_header=False, separator=separator, schema=numbered)
                frame = table.select(wanted).collect().with_row_index("line", offset=line)
            except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
                raise _why(path, shown, error) from error
            line += frame.height
            yield frame


def _rows(file: BinaryIO, size: int) -> tuple[bytes, bool]:
    """About `size` bytes that end with a whole row, and whether there is a quotation mark among them.

    Within quotation marks a line end ends no row.
    """
    chunk = file.read(size) + file.readline()
    quotes = chunk.count(b'"')
    while quotes % 2 and (more := file.readline()):
        chunk += more
        quotes += more.count(b'"')
    return chunk, quotes > 0


def _refuse_ragged(
    chunk: bytes, shown: Path, *, values: int, separator: str, line: int, quoted: bool
) -> None:
    """Refuse rows of another length than the header's, which reading only some columns would hide.

    Quoted values are left out, then separators and line ends are counted megabyte by megabyte, at the speed
    of memory (two wrong lines that make up for each other within one would pass). Where the counts differ,
    each row is parsed.
    """
    bare, start = QUOTED.sub(b"", chunk) if quoted else chunk, 0
    letters = np.frombuffer(bare, dtype=np.uint8)  # compared many at a time
    while start < len(bare):
        end = bare.find(b"\n", start + COUNTED_BYTES) + 1 or len(bare)
        part = letters[start:end]
        lines = np.count_nonzero(part == LINE_END) + int(part[-1] != LINE_END)
        if np.count_nonzero(part == ord(separator)) != (values - 1) * lines:
            break
        start = end
    else:
        return
    try:
        rows = csv.reader(io.StringIO(chunk.decode("utf-8", "replace"), newline=""), delimiter=separator)
        wrong = (rows.line_num + line - 1 for row in rows if row and len(row) != values)
        ragged = list(islice(wrong, LINES_NAMED))
    except csv.Error as error:
        raise SourceError("sources.unreadable", path=shown, reason=error) from error
    if ragged:
        raise SourceError("sources.ragged", path=shown, wanted=values, lines=ragged)


def _copy(source: IO[bytes], target: IO[bytes], *, path: Path, encoding: str) -> None:
    if encoding == "utf-8":
        while chunk := source.read(1 << 20):
            target.write(chunk)
        return
    texts = io.TextIOWrapper(source, encoding=encoding, newline="")
    line = 0
    try:
        for line, text in enumerate(texts, start=1):  # noqa: B007  (told where it fails)
            target.write(text.encode())
    except UnicodeDecodeError as error:
        # decoded by the block, so the wrong byte may stand some lines further on
        raise SourceError("sources.encoding", path=path, encoding=encoding, lines=[f"{line + 1}+"]) from error
    finally:
        texts.detach()  # closing the file is its opener's work


def _refuse_binary(path: Path, shown: Path) -> None:
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if not start.strip():
        raise SourceError("sources.empty", path=shown)
    if b"\0" in start:
        raise SourceError("sources.binary", path=shown)


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
