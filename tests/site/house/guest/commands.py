"""`mahalleh guest`."""

import typer

app = typer.Typer(name="guest", no_args_is_help=True, help="A guest.")


@app.callback()
def group() -> None:
    """A guest."""


@app.command()
def hello() -> None:
    """Say so."""
    typer.echo("Hello.")
