"""What a wheel holds beyond the source: translations as Django reads them. The rest: `pyproject.toml`."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithTranslations(build_py):
    """Compiles each catalogue beside its text. A checkout's own are compiled by `make`."""

    def run(self) -> None:
        super().run()
        for path in Path(self.build_lib).rglob("*.po"):
            with path.open("rb") as text, path.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))


setup(cmdclass={"build_py": BuildWithTranslations})
