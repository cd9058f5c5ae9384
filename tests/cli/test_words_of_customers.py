"""What is known of a customer is told in the words of the language, not in codes."""

from datetime import datetime, timedelta

import pytest

from kits.commands import mindgap
from kits.shop import canonical, put
from mindgap.cli.customer import print_recommendations
from mindgap.cli.summary import print_evaluations
from mindgap.workspace import open as open_workspace
from mindgap.workspace.answers import Recommended

END = datetime(2024, 6, 3)
REASONS = [
    {"code": "personalize-bought-before", "params": {"product": "Tea", "last_days": 3}},
    {"code": "personalize-bought-before", "params": {"product": "Jam", "last_days": 4}},
]
FIGURE = {
    "task": "recommend-next", "metric": "ndcg@10", "value": 0.5, "low": 0.4, "high": 0.6, "better": "higher",
    "baseline": "personal-frequency", "baseline_value": 0.4, "n": 60, "beats_baseline": True,
}  # fmt: skip


@pytest.fixture
def zh(tmp_path):
    assert mindgap("init", "shop", "--language", "zh", cwd=tmp_path).returncode == 0
    return open_workspace(tmp_path / "shop")


def test_kinds_of_feedback_have_words(zh):
    told = {"customer_id": "c0", "kind": "review", "given_at": END, "score": 4.0}
    put(zh, "feedback", canonical("feedback", [told]))
    zh.stores.manifest.complete(END + timedelta(days=1))
    done = mindgap("customer", "c0", "--timeline", cwd=zh.folder)
    assert "评论" in done.stdout, done.stderr
    assert "review" not in done.stdout


def test_reasons_are_sentences_and_lists_have_words(zh, capsys):
    item = Recommended(product_id="p", product_name="Tea", rank=1, score=1.0, kind="repeat", reasons=REASONS)
    print_recommendations(zh, [item])
    told = capsys.readouterr().out
    assert ";" not in told
    assert "repeat" not in told


def test_baselines_have_words(zh, capsys):
    print_evaluations(zh, [FIGURE])
    assert "personal-frequency" not in capsys.readouterr().out
