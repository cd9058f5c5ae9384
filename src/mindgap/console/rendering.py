"""Templates to HTML: Jinja2 with autoescape on, and the few functions that templates may call."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mindgap.console.blocks import Chart, chart_grid, chart_json
from mindgap.console.voice import Voice


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("mindgap.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, context: Mapping[str, Any], *, voice: Voice) -> str:
    """A template with its context, in the reader's language."""

    def data_of(chart: Chart) -> Markup:
        return Markup(chart_json(chart, voice))  # noqa: S704 - JSON with < and & escaped

    functions = {
        "say": voice.say,
        "voice": voice,
        "data_of": data_of,
        "grid_of": lambda c: chart_grid(c, voice),
    }
    return _environment().get_template(template).render({**functions, **context})


@cache
def static_text(name: str) -> str:
    """A static file's text, to be put into a self-contained page."""
    return (resources.files("mindgap.console") / "static" / name).read_text("utf-8")
