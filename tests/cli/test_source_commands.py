"""Declaring live sources on the command line, and their keys."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from kits.commands import mindgap
from mindgap.kernel.words import codes
from mindgap.workspace import events as events_of
from mindgap.workspace import open as open_workspace

SOURCE = Path(events_of.__file__).parents[1]


def ask(*arguments, cwd):
    done = mindgap("source", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def refused(*arguments, cwd):
    done = mindgap("source", *arguments, "--json", cwd=cwd)
    assert done.returncode in {1, 2}, done.stdout
    return json.loads(done.stdout)["error"]


def declared(folder):
    return tomllib.loads((folder / "mindgap.toml").read_text("utf-8")).get("sources", {})


def test_a_source_is_declared_with_a_key_and_examples(tmp_path):
    arguments = ("web-shop", "--origin", "https://shop.example", "--consent", "opt-in", "--rate", "500")
    added = ask("add", *arguments, "--purpose", "analytics", "--set", "channel=app", cwd=tmp_path)
    assert declared(tmp_path)["web-shop"] == {
        "kind": "http",
        "options": {
            "origins": ["https://shop.example"],
            "consent": "opt-in",
            "purposes": ["analytics"],
            "events_per_s": 500,
            "channel": "app",
        },
    }
    (key,) = added["keys"]
    assert added["endpoint"].endswith("/v1/batch")
    assert f"curl -u {key}:" in added["curl"]
    assert f'data-write-key="{key}"' in added["snippet"]
    assert ask("show", "web-shop", cwd=tmp_path)["keys"] == [key]


def test_comments_and_other_sections_of_the_file_stay(tmp_path):
    (tmp_path / "mindgap.toml").write_text("# ours\n[workspace]\nname = 'Shop'  # said so\n", "utf-8")
    ask("add", "web", cwd=tmp_path)
    ask("remove", "web", cwd=tmp_path)
    text = (tmp_path / "mindgap.toml").read_text("utf-8")
    assert "# ours" in text
    assert "# said so" in text
    assert declared(tmp_path) == {}


def test_a_client_that_has_a_key_moves_here_unchanged(tmp_path):
    assert ask("add", "web", "--key", "abcd1234efgh", cwd=tmp_path)["keys"] == ["abcd1234efgh"]


def test_a_key_of_another_source_is_refused_and_nothing_is_left_behind(tmp_path):
    ask("add", "web", "--key", "abcd1234efgh", cwd=tmp_path)
    refused("add", "app", "--key", "abcd1234efgh", cwd=tmp_path)
    assert list(declared(tmp_path)) == ["web"]
    assert ask("show", "web", cwd=tmp_path)["keys"] == ["abcd1234efgh"]


def test_keys_are_added_rotated_and_revoked(tmp_path):
    (first,) = ask("add", "web", cwd=tmp_path)["keys"]
    second = ask("key", "web", cwd=tmp_path)
    assert second["keys"] == [first, second["key"]]
    third = ask("key", "web", "--rotate", cwd=tmp_path)
    assert third["keys"] == [third["key"]]
    assert ask("key", "web", "--revoke", third["key"], cwd=tmp_path)["keys"] == []
    assert refused("key", "web", "--revoke", first, cwd=tmp_path)["type"] == "UnknownError"


def test_a_source_is_switched_off_and_on_and_removed_with_its_keys(tmp_path):
    ask("add", "web", "--key", "abcd1234efgh", cwd=tmp_path)
    ask("disable", "web", cwd=tmp_path)
    assert declared(tmp_path)["web"]["options"] == {"enabled": False}
    ask("enable", "web", cwd=tmp_path)
    assert ask("show", "web", cwd=tmp_path)["enabled"] is True
    assert ask("remove", "web", cwd=tmp_path)["revoked"] == ["abcd1234efgh"]
    assert ask("add", "app", "--key", "abcd1234efgh", cwd=tmp_path)["keys"] == ["abcd1234efgh"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "Web"), "cannot be called"),
        (("add", "events"), "cannot be called"),
        (("add", "web", "--kind", "pigeon"), "no kind of source"),
        (("add", "web", "--set", "colour=red"), "unknown field `colour`"),
        (("add", "web", "--purpose", "fun"), "Invalid enum value"),
        (("add", "web", "--consent", "maybe"), "Invalid enum value"),
        (("add", "web", "--key", "a b c d e f g h"), "cannot be a key"),
        (("add", "web", "--set", "categories={"), "categories"),
        (("add", "in", "--kind", "folder"), "needs a path"),
        (("add", "crm", "--kind", "webhook"), "secret_env"),
        (("add", "till", "--kind", "sql", "--path", "postgresql://a:b@host/db"), "password"),
        (("show", "web"), "no live source"),
        (("key", "web"), "no live source"),
        (("remove", "web"), "no live source"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(tmp_path, arguments, words):
    mindgap("init", tmp_path / "shop", cwd=tmp_path)
    before = (tmp_path / "shop" / "mindgap.toml").read_text("utf-8")
    error = refused(*arguments, "--dir", "shop", cwd=tmp_path)
    assert words in error["message"]
    assert error["hint"]
    assert (tmp_path / "shop" / "mindgap.toml").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("kind", "arguments", "options"),
    [
        ("webhook", ("--set", "secret_env=CRM_SECRET", "--set", "scheme=github"), {"scheme": "github"}),
        ("kafka", ("--path", "broker:9092", "--set", 'topics=["a","b"]'), {"topics": ["a", "b"]}),
        ("warehouse", ("--path", "postgresql://me@host/db", "--set", "overlap_s=60"), {"overlap_s": 60}),
        ("sql", ("--path", "sqlite:///x.db", "--set", "every_s=5", "--set", "table=t"), {"every_s": 5.0}),
        ("folder", ("--path", "in", "--set", "fills=orders"), {"fills": "orders"}),
    ],
)
def test_every_kind_can_be_declared(tmp_path, kind, arguments, options):
    added = ask("add", "one", "--kind", kind, *arguments, cwd=tmp_path)
    said = declared(tmp_path)["one"]
    assert said["kind"] == kind
    assert options.items() <= said["options"].items()
    assert bool(added["keys"]) == (kind == "webhook")
    assert "postgresql" not in added.get("endpoint", "")
    assert ask("list", cwd=tmp_path)["sources"][0]["kind"] == kind


def test_a_name_that_is_taken_is_refused(tmp_path):
    ask("add", "web", cwd=tmp_path)
    assert "already" in refused("add", "web", cwd=tmp_path)["message"]


EVENTS = b"""\
{"type":"track","event":"Product Viewed","userId":"1042","properties":{"email":"ada@example.com"}}
{"type":"track","event":"Product Viewed","userId":"1042","properties":{"email":"ada@example.com"}}
{"type":"track","event":"Twice","userId":"1042","properties":{"ada@example.com":1,"a":{"secret":"canary"},"a":2}}

{"type":"track","event":"Denied","userId":"7","context":{"consent":{"categoryPreferences":{
"""


@pytest.fixture
def sent(tmp_path):
    ask("add", "web", "--consent", "opt-out", cwd=tmp_path)
    (tmp_path / "events.jsonl").write_bytes(EVENTS)
    assert ask("send", "web", "events.jsonl", cwd=tmp_path) == {"name": "web", "stored": 4, "refused": 0}
    return tmp_path


def compacted(folder):
    open_workspace(folder).compact()
    return folder


def test_what_was_sent_is_seen_masked(sent):
    done = mindgap("source", "tail", "--json", cwd=sent)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["message"].get("event") for line in lines] == [*["Product Viewed"] * 2, "Twice", None]
    assert lines[0]["message"]["properties"] == {"email": "•••"}
    assert "ada@example.com" not in mindgap("source", "tail", cwd=sent).stdout


def test_persons_are_shown_for_a_purpose_and_that_is_on_record(sent):
    assert "ada@example.com" in mindgap("source", "tail", "--show-personal", "service", cwd=sent).stdout
    (access,) = open_workspace(sent).stores.access.latest(9)
    assert (access.actor, access.purpose.value, access.table) == ("cli", "service", "log")
    assert "no purpose" in refused("tail", "--show-personal", "curiosity", cwd=sent)["message"]
    assert refused("tail", "--show-personal", "operations", cwd=sent)["type"] == "AccessError"


def test_figures_add_up_and_say_what_waits(sent):
    before = ask("list", cwd=sent)
    assert before["log_bytes"] > 0
    assert before["worker"] is False
    (source,) = ask("list", cwd=compacted(sent))["sources"]
    assert {
        name: source[name] for name in ("received", "stored", "quarantined", "duplicates", "refused")
    } == {
        "received": 4,
        "stored": 1,
        "quarantined": 2,
        "duplicates": 1,
        "refused": 0,
    }
    assert source["last_day"] == 1
    assert source["reasons"] == {"bad-json": 1, "duplicate-key": 1}
    assert "No worker runs" in mindgap("source", "list", cwd=sent).stdout


def test_what_was_set_aside_is_explained_without_its_values(sent):
    found = ask("quarantine", cwd=compacted(sent))
    assert found["reasons"] == {"web": {"bad-json": 1, "duplicate-key": 1}}
    text = mindgap("source", "quarantine", "web", cwd=sent).stdout
    for shown in (text, json.dumps(found, ensure_ascii=False)):
        assert "canary" not in shown
        assert "ada@example.com" not in shown
    assert "the same key twice" in text
    assert "Name every property once" in text


def test_every_reason_has_words_and_a_piece_of_advice():
    reasons = {
        found
        for path in (SOURCE / "collect").rglob("*.py")
        for found in re.findall(r'Fault\(\s*"([a-z-]+)"', path.read_text("utf-8"))
    } | {events_of.NO_SOURCE, events_of.BAD_SETTINGS}
    assert len(reasons) > 10
    known = codes("en")
    assert [one for one in reasons if not {f"event-reason-{one}", f"event-reason-{one}-do"} <= known] == []


def test_after_a_fix_a_replay_brings_events_back(sent):
    ask("remove", "web", cwd=sent)
    compacted(sent)
    assert ask("quarantine", cwd=sent)["reasons"] == {"web": {"no-source": 4}}
    ask("add", "web", cwd=sent)
    became = ask("replay", "web", cwd=sent)
    assert became == {"stored": 1, "duplicates": 1, "refused": 0, "quarantined": -2}


def test_what_cannot_be_sent_is_said(sent):
    assert refused("send", "web", "gone.jsonl", cwd=sent)["type"] == "SourceError"
    assert refused("send", "app", "events.jsonl", cwd=sent)["type"] == "UnknownError"
    (sent / "nobody.jsonl").write_text('{"type":"track","event":"A"}\n', "utf-8")
    assert "whose" in refused("send", "web", "nobody.jsonl", cwd=sent)["message"]
    ask("disable", "web", cwd=sent)
    assert "switched off" in refused("send", "web", "events.jsonl", cwd=sent)["message"]
