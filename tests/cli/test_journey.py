"""From a stranger's file to answers, through the command line."""

import csv
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kits.commands import mindgap
from kits.shop import shop_orders
from mindgap.cli.server import free_port

SECTIONS = {
    "customers",
    "gap",
    "segments",
    "inactivity",
    "value",
    "demand",
    "rules",
    "satisfaction",
    "recommendations",
    "evaluations",
}


def write_export(path: Path, orders):
    """A till's export in other words: returns as negative quantities, every fourth customer missing."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["Receipt No", "Article", "Article Group", "Units", "Sold At", "Line Total", "Loyalty Card"]
        )
        for number, row in enumerate(orders.to_pylist()):
            units = -1 if number % 50 == 0 else int(row["quantity"])
            card = "" if number % 4 == 0 else row["customer_id"]
            when = row["ordered_at"].strftime("%d.%m.%Y %H:%M:%S")
            amount = row["amount"] * (-1 if units < 0 else 1)
            writer.writerow(
                [row["order_id"], row["product_id"], row["category"], units, when, f"{amount:.2f}", card]
            )
        writer.writerow(["x", "p1", "cat1", "1", "not a date", "1.00", "c1"])


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journey")
    write_export(folder / "till.csv", shop_orders(customers=80, weeks=45))
    first = mindgap("run", "till.csv", "--yes", "--json", cwd=folder)
    assert first.returncode == 0, first.stderr + first.stdout
    return folder, json.loads(first.stdout)


def test_a_strangers_file_fills_every_section_or_says_why_not(shop_folder):
    _, answer = shop_folder
    assert set(answer["summary"]) == SECTIONS
    source = answer["sources"][0]
    assert source["table"] == "orders"
    assert source["quarantined"] == 1
    assert source["read"] == source["used"] + source["quarantined"] + source["duplicates"]
    assert answer["failed"] == []
    assert answer["summary"]["customers"]["known"] == 80
    assert answer["summary"]["customers"]["lines_without_customer"] > 0
    for name, section in answer["summary"].items():
        assert section, name


def test_the_second_run_finds_nothing_to_do(shop_folder):
    folder, first = shop_folder
    second = json.loads(mindgap("run", "--dir", "till-mindgap", "--json", cwd=folder).stdout)
    assert second["built"] == 0
    assert second["kept"] == first["built"]
    assert second["unchanged"] == ["till"]


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["gap"],
        ["gap", "--customer", "c1"],
        ["customer", "c1"],
        ["segments"],
        ["value"],
        ["rules"],
        ["evaluate"],
        ["recommend", "c1", "-k", "3"],
        ["table"],
        ["table", "customer_features"],
        ["consent", "c1"],
        ["doctor"],
    ],
)
def test_every_answer_has_words_and_json(shop_folder, monkeypatch, command):
    folder, _ = shop_folder
    for language in ("en", "zh"):
        monkeypatch.setenv("MINDGAP_LANG", language)
        told = mindgap(*command, "--dir", "till-mindgap", cwd=folder)
        assert told.returncode == 0, told.stderr
        assert told.stdout.strip()
    answer = mindgap(*command, "--dir", "till-mindgap", "--json", cwd=folder)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)


def test_what_cannot_be_said_is_told_in_words(shop_folder):
    folder, _ = shop_folder
    told = mindgap("satisfaction", "--dir", "till-mindgap", cwd=folder)
    assert told.returncode == 1
    assert "feedback" in told.stderr
    answer = mindgap("satisfaction", "--dir", "till-mindgap", "--json", cwd=folder)
    assert "feedback" in json.loads(answer.stdout)["error"]["message"]


def test_withdrawing_reaches_reads_at_once(shop_folder):
    folder, _ = shop_folder
    mindgap("consent", "c7", "withdraw", "analytics", "--dir", "till-mindgap", cwd=folder)
    rows = json.loads(
        mindgap("table", "customer_features", "--dir", "till-mindgap", "--json", cwd=folder).stdout
    )
    assert "c7" not in {row["customer_id"] for row in rows}
    back = mindgap("consent", "c7", "grant", "analytics", "--dir", "till-mindgap", "--json", cwd=folder)
    assert json.loads(back.stdout)["consent"]["analytics"] is True


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["run", "missing.csv", "--yes"], 1, "missing.csv"),
        (["gap", "--dir", "nowhere"], 1, "no workspace"),
        (["customer", "nobody", "--dir", "till-mindgap"], 1, "No customer"),
        (["run", "--as-of", "yesterday", "--dir", "till-mindgap"], 2, "no moment"),
        (["run", "till.csv", "--map", "x", "--yes"], 2, "--map"),
        (["consent", "c1", "withdraw", "--dir", "till-mindgap"], 2, "purpose"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_a_wrong_call_says_what_was_wrong(shop_folder, arguments, exit_code, says):
    folder, _ = shop_folder
    done = mindgap(*arguments, cwd=folder)
    assert done.returncode == exit_code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_source_keeps_what_it_gave(tmp_path):
    write_export(tmp_path / "gone.csv", shop_orders(customers=40, weeks=30, seed=3))
    first = mindgap("run", "gone.csv", "--yes", "--json", "--dir", "ws", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    (tmp_path / "gone.csv").unlink()
    again = mindgap("run", "--dir", "ws", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["built"] == 0
    assert mindgap("gap", "--dir", "ws", cwd=tmp_path).returncode == 0


def test_init_makes_a_workspace_with_its_settings(tmp_path):
    made = mindgap("init", "shop", "--currency", "CNY", "--time-zone", "Asia/Shanghai", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert 'currency = "CNY"' in (tmp_path / "shop" / "mindgap.toml").read_text("utf-8")
    wrong = mindgap("init", "other", "--time-zone", "Mars/Base", cwd=tmp_path)
    assert wrong.returncode == 1
    assert not (tmp_path / "other" / "mindgap.toml").exists()
    assert mindgap("init", "shop", cwd=tmp_path).returncode == 2


def test_the_installed_command_is_the_same(tmp_path):
    command = [sys.executable, "-c", "from mindgap.cli.main import main; main()", "gap", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 1
    assert "no workspace" in json.loads(done.stdout)["error"]["message"]


def test_the_version_is_told_without_a_command(tmp_path):
    done = mindgap("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout.split()[0]) == (0, "mindgap")


def test_a_new_sign_in_link_can_be_had_without_a_restart(shop_folder):
    folder, _ = shop_folder
    links = {mindgap("link", "--dir", "till-mindgap", "--port", "9000", cwd=folder).stdout for _ in range(2)}
    assert len(links) == 2
    assert all(link.startswith("http://127.0.0.1:9000/sign-in#") for link in links)


def test_a_taken_port_is_told_before_a_link_is_given(shop_folder):
    folder, _ = shop_folder
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = mindgap("serve", "--dir", "till-mindgap", "--port", str(port), cwd=folder)
        assert free_port(port) != port
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "sign-in" not in done.stdout
