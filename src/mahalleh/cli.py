"""The `mahalleh` command: the frame that other packages hang their commands in.

A package adds commands with an entry point of the group `mahalleh.commands`, a function `register(app)`. The
frame gives them one behaviour: messages in the user's language, an exit status with a meaning, no traceback.

| exit | meaning |
| --- | --- |
| 0 | done |
| 1 | refused, or something is wrong that the message names |
| 2 | the command was not written right |
| 3 | what was given cannot be used: a file, a folder, its content |
| 4 | a table that must not leave |
| 5 | there is no city in the folder, or its settings are wrong |
| 6 | the audit log is broken |
| 7 | the machine refused: no right, no room, no connection |
| 70 | a defect in Mahalleh itself |
| 130 | stopped by the user |
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from types import FrameType
from typing import Any, Final

import typer

from mahalleh import __version__
from mahalleh.errors import MahallehError, message

GROUP: Final = "mahalleh.commands"
USAGE, MACHINE, DEFECT, STOPPED = 2, 7, 70, 130
ABOUT = "A city's community-safety partnership in one open loop. Guides: docs/operators.md, docs/cli.md."

# What the system says in its own words, said in ours.
_OS_CODES: Final = {
    errno.EACCES: "cli.no-right",
    errno.EPERM: "cli.no-right",
    errno.EROFS: "cli.no-right",
    errno.ENOENT: "cli.no-file",
    errno.EISDIR: "cli.is-folder",
    errno.ENOTDIR: "cli.not-folder",
    errno.ENOSPC: "cli.disk-full",
    errno.EDQUOT: "cli.disk-full",
    errno.EADDRINUSE: "cli.address-taken",
}
# The parser's errors by class name: some versions of Typer carry their parser inside, others do not.
_USAGE_CODES: Final = {
    "NoSuchOption": "cli.no-such-option",
    "NoSuchCommand": "cli.no-such-command",
    "MissingParameter": "cli.missing",
    "BadParameter": "cli.bad-value",
}


class MachineError(MahallehError):
    """The machine refused: a database, a port or a folder that cannot be used."""

    exit_code = MACHINE


def language(environment: Mapping[str, str] | None = None) -> str:
    """Tell the user's language: MAHALLEH_LANGUAGE, else the locale's where it is Persian, else English.

    Parameters
    ----------
    environment : mapping of str to str, optional
        The environment's variables; the process's own by default.

    Returns
    -------
    str
        `fa` or `en`.

    Examples
    --------
    >>> language({"LANG": "fa_IR.UTF-8"}), language({}), language({"MAHALLEH_LANGUAGE": "en"})
    ('fa', 'en', 'en')
    """
    given = os.environ if environment is None else environment
    asked = given.get("MAHALLEH_LANGUAGE", "")
    for value in (asked, given.get("LC_ALL", ""), given.get("LC_MESSAGES", ""), given.get("LANG", "")):
        if value:
            return "fa" if value.lower().startswith("fa") else "en"
    return "en"


def word(code: str, **facts: Any) -> str:
    """Word a code in the user's language.

    Parameters
    ----------
    code : str
        A code of the catalogue (`mahalleh.errors.message`).
    **facts : object
        What fills its sentence.

    Returns
    -------
    str
        The sentence.
    """
    return message(code, language()).format(**facts)


def say(code: str, **facts: Any) -> None:
    """Tell the user a sentence, on standard error: standard output is for what a script reads.

    Parameters
    ----------
    code : str
        A code of the catalogue (`mahalleh.errors.message`).
    **facts : object
        What fills its sentence.
    """
    typer.echo(word(code, **facts), err=True)


def put(data: Any) -> None:
    """Write one JSON document to standard output.

    Parameters
    ----------
    data : object
        Dicts, lists, texts and numbers; anything else as its text.
    """
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def build() -> typer.Typer:
    """Build the command with everything that the installed packages hang in it.

    Returns
    -------
    typer.Typer
        The application, its commands in the order of their packages' names.
    """
    app = typer.Typer(
        name="mahalleh",
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help starts in half the time
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(invoke_without_command=True)
    def _frame(
        version: bool = typer.Option(False, "--version", help="Print the version and stop."),
    ) -> None:
        if version:
            typer.echo(__version__)
            raise typer.Exit

    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        point.load()(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line; whatever goes wrong is worded on standard error.

    Parameters
    ----------
    arguments : sequence of str
        The words after `mahalleh`.

    Returns
    -------
    int
        The exit status, see the module.
    """
    try:
        return _run(list(arguments))
    except KeyboardInterrupt:
        say("cli.stopped")
        return STOPPED
    except MahallehError as error:
        _debug()
        typer.echo(error.text(language()), err=True)
        return error.exit_code
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (the interpreter flushes it when it ends)
        return 0
    except OSError as error:
        _debug()
        say(
            _OS_CODES.get(error.errno or 0, "cli.os-error"),
            path=error.filename or "?",
            reason=error.strerror or error,
        )
        return MACHINE
    except Exception as error:
        _debug()
        say("cli.defect", kind=type(error).__name__, place=_place(error))
        return DEFECT


def _run(arguments: list[str]) -> int:
    try:
        status = build()(arguments, standalone_mode=False, prog_name="mahalleh")
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _usage(error)
    if status == STOPPED:  # so does Typer report Ctrl+C
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0


def _usage(error: Any) -> int:
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return USAGE
    text = error.format_message()
    if kind == "UsageError" and text.startswith("No such command"):
        kind = "NoSuchCommand"
    context = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    name = parameter.get_error_hint() if _USAGE_CODES.get(kind) and parameter is not None else text
    if isinstance(name, list | tuple):
        name = " / ".join(name)
    name = str(name).strip("'\"")
    say(
        _USAGE_CODES.get(kind, "cli.usage"),
        name=name if name.startswith("-") else name.upper(),  # arguments in capitals, as help writes them
        text=text,
        reason=str(getattr(error, "message", text)).rstrip(".") + ".",
        given=getattr(error, "option_name", text.split("'")[1] if "'" in text else text),
        command=context.command_path if context is not None else "mahalleh",
    )
    return USAGE


def _debug() -> None:
    if os.environ.get("MAHALLEH_DEBUG") == "1":
        import traceback

        traceback.print_exc()


def _place(error: BaseException) -> str:
    """The innermost file and line of ours where it rose, without a path of this machine."""
    import sysconfig

    foreign = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
    place, trace = "?", error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if place == "?" or not path.startswith(foreign):
            place = f"{os.path.basename(path)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def main() -> None:
    """The entry point of the `mahalleh` program. SIGTERM ends it as Ctrl+C does: its work is tidied away."""
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(run(sys.argv[1:]))


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
