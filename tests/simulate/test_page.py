"""The method page's example runs."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysts" / "simulate.md"


def test_page__example_runs() -> None:
    code = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict = {}
    exec(compile(code, "simulate.md", "exec"), names)  # noqa: S102 - our own page
    assert len(names["city"].places) == 48
    assert names["city"].survey.height > 0
