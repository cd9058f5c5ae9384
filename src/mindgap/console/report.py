"""The report: one self-contained page that opens without a network, and holds no row about one customer."""

import base64
import hashlib

from markupsafe import Markup

from mindgap.console.rendering import render, static_text
from mindgap.console.sections import SECTIONS, section
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace

_SCRIPTS = ("vendor/echarts-6.1.0.min.js", "charts.js")
_STYLE = "console.css"


def render_report(workspace: Workspace, *, language: str) -> str:
    """The report as HTML, in English (en) or Chinese (zh).

    Its content security policy admits only the style and the scripts that it carries, by their hashes.
    """
    settings = workspace.settings
    voice = Voice(language, settings.currency, settings.time_zone)
    style, scripts = static_text(_STYLE), [static_text(name) for name in _SCRIPTS]
    context = {
        "title": voice.say("console-report-title", name=settings.name),
        "lead": voice.say("console-report-lead", date=voice.day(workspace.as_of)),
        "sections": [section(key, workspace, voice) for key in SECTIONS],
        "policy": _policy(style, scripts),
        "style": Markup(style),  # noqa: S704 - our own file
        "scripts": [Markup(script) for script in scripts],  # noqa: S704 - our own files
    }
    return render("report.html", context, voice=voice)


def _policy(style: str, scripts: list[str]) -> str:
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
