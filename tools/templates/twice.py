"""A plugin for pytest: every page of a test is rendered from another tree of templates too, and compared.

    python -m pytest -p tools.templates.twice --templates-before=FOLDER --templates-said=FILE tests/site

Both renderings get the same context at the same moment, so noise, hours and receipts are the same. What
was compared goes to FILE, a JSON object a line for each worker; the tests themselves pass or fail as ever.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template

from tools.templates.visible import differences

OPTIONS = ("--templates-before", "--templates-said", "--templates-keep")
KEPT = 4  # pages of a template


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the other templates stand, and where to write what was found."""
    parser.addoption("--templates-before", type=Path)
    parser.addoption("--templates-said", type=Path)
    parser.addoption(
        "--templates-keep", type=Path, help="a folder for the first pages of each template, both ways"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Render twice from now on."""
    before = config.getoption("--templates-before")
    if before is not None and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(_Twice(*map(config.getoption, OPTIONS)))


class _Twice:
    def __init__(self, before: Path, said: Path, keep: Path | None) -> None:
        self.said = said
        self.keep = keep
        self.pages: Counter[str] = Counter()
        self.faults: dict[str, list[str]] = {}
        self.other = DjangoTemplates(
            {
                "NAME": "before",
                "DIRS": sorted(before.rglob("templates")),
                "APP_DIRS": True,
                "OPTIONS": dict(settings.TEMPLATES[0]["OPTIONS"]),
            }
        )
        self.render = Template.render
        twice = self

        def render(template: Template, context: Any = None, request: Any = None) -> Any:
            page = twice.render(template, context, request)
            if template.backend is not twice.other and (template.template.name or "").endswith(".html"):
                twice.hold(template.template.name, page, context, request)
            return page

        Template.render = render

    def hold(self, name: str, page: str, context: Any, request: Any) -> None:
        """Render a page from the other tree and compare."""
        try:
            template = self.other.get_template(name)
        except TemplateDoesNotExist:
            return
        self.pages[name] += 1
        other = self.render(template, context, request)
        if self.keep and self.pages[name] <= KEPT:
            for folder, text in (("before", other), ("after", page)):
                path = (
                    self.keep / folder / f"{name.removesuffix('.html')}-{os.getpid()}-{self.pages[name]}.html"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        found = differences(other, page)
        if found:
            self.faults.setdefault(name, found)

    def pytest_sessionfinish(self) -> None:
        """Write down what was found."""
        Template.render = self.render
        with self.said.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"pages": self.pages, "faults": self.faults}) + "\n")
