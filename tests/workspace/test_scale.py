"""How much data there is, and how much of it is kept."""

from kits.commands import mindgap
from mindgap.console.pages.quality import scale_figures
from mindgap.console.voice import Voice


def test_what_is_kept_cannot_be_said_before_a_run(shop):
    assert shop.scale()["veracity"]["kept"] is None
    assert "cannot say yet" in mindgap("status", cwd=shop.folder).stdout
    voice = Voice(language="en", currency="EUR", time_zone="UTC")
    last = scale_figures(shop.scale(), voice)[-1]
    assert (last.value, last.note) == ("–", "cannot say before a run")


def test_what_is_kept_is_a_share_after_a_run(shop):
    shop.run()
    assert shop.scale()["veracity"]["kept"] == 1.0
