"""Declaring live sources on the command line, and their keys."""

import json
import tomllib

import pytest

from kits.commands import mindgap


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


def test_a_name_that_is_taken_is_refused(tmp_path):
    ask("add", "web", cwd=tmp_path)
    assert "already" in refused("add", "web", cwd=tmp_path)["message"]
