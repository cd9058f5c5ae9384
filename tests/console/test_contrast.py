"""Colours that can be told apart: 4.5:1 for text and 3:1 for graphics (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from mindgap.console.rendering import static_text

TEXT = [
    *((ink, ground) for ink in ("ink", "quiet", "accent", "warm", "good") for ground in ("paper", "surface")),
    ("accent", "accent-soft"),
    ("warm", "warm-soft"),
    ("accent-ink", "accent"),
]
GRAPHICS = [(f"series-{i}", "surface") for i in (1, 2, 3, 4)] + [("focus", "paper"), ("focus", "surface")]


def _palettes():
    blocks = re.findall(r":root \{(.*?)\}", static_text("console.css"), re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block)) for block in blocks)
    return {"light": light, "dark": {**light, **dark}}


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (GRAPHICS, 3.0)], ids=["text", "graphics"])
def test_contrast(scheme, pairs, least):
    palette = _palettes()[scheme]
    found = {pair: round(_contrast(palette[pair[0]], palette[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < least} == {}


def test_black_on_white_is_twenty_one():
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
