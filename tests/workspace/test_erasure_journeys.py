"""Forgetting a person where it is hard: cut off by a kill, by two at once, on a server, and after a run."""

import csv
import json
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from kits.clickstream import END, entries, message, shopping, track
from kits.commands import mindgap
from kits.databases import new_schema
from mindgap.backends.lake import LakeFiles
from mindgap.console.report import render_report
from mindgap.kernel.settings import write_workspace
from mindgap.store.suppression import Name
from mindgap.workspace import erasure
from mindgap.workspace import open as open_workspace
from mindgap.workspace.face import removed_rows
from mindgap.workspace.live import declare

CANARY, DEVICE, OTHER = "canary-customer-0815", "canary-device-4711", "canary-customer-1234"
DYING = """
    import os, signal, sys
    from dataclasses import replace
    from mindgap.backends.lake import LakeFiles
    from mindgap.workspace import erasure, open as open_workspace

    class Dying(LakeFiles):
        def adopt(self, staged, relative):
            super().adopt(staged, relative)
            os.kill(os.getpid(), signal.SIGKILL)

    workspace = open_workspace(sys.argv[1])
    dying = Dying(workspace.stores.lake.root)
    erasure.carry_out(replace(workspace, stores=replace(workspace.stores, lake=dying)))
"""


def fill(folder, *, customers=4, visits=2):
    """A workspace with events and orders of two persons among others."""
    workspace = open_workspace(folder)
    declare(workspace, "web", kind="http", path="", said={"trusted": True})
    told = shopping(customers=customers, visits=visits)
    for nth, who in enumerate((CANARY, OTHER)):
        at = END.replace(hour=9 + nth, day=1)
        device = f"{who}-device" if nth else DEVICE
        told.append(message("identify", at, user=who, device=device))
        told.append(track("Product Viewed", at.replace(day=2), {"product_id": "p1"}, user=who, device=device))
    workspace.stores.log.append_all(list(entries(told)))
    workspace.compact()
    return workspace


def add_orders(workspace):
    path = workspace.folder / "orders.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount"])
        for nth in range(120):
            who = (CANARY, OTHER)[nth % 2] if nth % 5 == 0 else f"c{nth % 6}"
            day = f"2024-{3 + nth // 50:02d}-{1 + nth % 28:02d} 10:00:00"
            out.writerow([f"o{nth}", who, f"p{nth % 12}", day, 1, 5.0 + nth])
    workspace.add(path, kind="orders")
    path.unlink()


def names(*texts):
    return [Name("customer", text) for text in texts]


def stored(workspace):
    parts = workspace.stores.streams.snapshot()[0]
    assert all(workspace.stores.lake.path(part.path).exists() for part in parts)
    tallies = [record.tally for record in workspace.stores.streams.records()]
    assert sum(part.rows for part in parts) == sum(tally.stored for tally in tallies)
    return sum(part.rows for part in parts)


def test_a_kill_inside_a_step_leaves_all_as_it_was_and_the_next_goes_on(tmp_path):
    workspace = fill(tmp_path / "shop")
    before = stored(workspace)
    erasure.suppress(workspace, CANARY)
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(DYING), workspace.folder], check=False)
    assert ended.returncode == -9
    again = open_workspace(workspace.folder)
    (request,) = again.stores.suppression.erasures()
    assert request.stage == "rewriting"
    assert "events" in request.steps_left
    assert stored(again) == before
    assert again.timeline(CANARY) == ()
    assert erasure.carry_out(again)
    assert stored(again) == before - 2
    assert not erasure.verify(again, names(CANARY, DEVICE))


def test_two_processes_forget_at_once(tmp_path):
    workspace = fill(tmp_path / "shop")
    before = stored(workspace)
    command = [sys.executable, "-m", "mindgap.cli", "forget", "--json", "--dir", workspace.folder]
    both = [subprocess.Popen([*command, who], stdout=subprocess.PIPE) for who in (CANARY, OTHER)]
    assert [one.communicate(timeout=120)[0] is not None and one.returncode for one in both] == [0, 0]
    done = workspace.stores.suppression.erasures()
    assert [one.stage for one in done] == ["done", "done"]
    assert stored(workspace) == before - 4
    assert not erasure.verify(workspace, names(CANARY, DEVICE, OTHER))
    assert workspace.stores.suppression.names() == []


def test_each_request_tells_what_was_its_own(tmp_path):
    workspace = fill(tmp_path / "shop")
    add_orders(workspace)
    late = [track("Product Viewed", END, {}, user=CANARY), message("nothing", END, user=OTHER)]
    workspace.stores.log.append_all(list(entries(late)))
    workspace.compact()
    orders = {who: len(range(nth * 5, 120, 10)) for nth, who in enumerate((CANARY, OTHER))}
    requests = {who: erasure.suppress(workspace, who)[0].id for who in (CANARY, OTHER)}
    done = {one.id: one for one in erasure.carry_out(workspace)}
    first, second = (removed_rows(done[requests[who]]) for who in (CANARY, OTHER))
    assert (first["events"], second["events"]) == (3, 2)
    assert (first["set_aside"], second["set_aside"]) == (0, 1)
    assert (first["tables"], second["tables"]) == (orders[CANARY], orders[OTHER])
    together = done[requests[CANARY]].receipt["removed"]
    assert (together["events"], together["set_aside"]) == (5, 1)
    shown = mindgap("forget", "--status", cwd=workspace.folder).stdout
    assert {str(sum(one.values())) for one in (first, second)} <= set(shown.split())
    again = workspace.forget("nobody")
    assert sum(removed_rows(again).values()) == 0


def test_who_asks_during_a_round_is_told_what_that_round_took_out(tmp_path):
    workspace = fill(tmp_path / "shop")
    first, _ = erasure.suppress(workspace, CANARY)
    erasure.find_more(workspace, first)
    second, _ = erasure.suppress(workspace, OTHER)
    erasure.do(workspace, "log")
    erasure.do(workspace, "events")
    erasure.carry_out(workspace)
    for one in (first, second):
        assert removed_rows(erasure.request(workspace, one.id))["events"] == 2


def test_a_state_on_a_server_forgets_too(tmp_path, postgres):
    folder = tmp_path / "shop"
    folder.mkdir()
    write_workspace(folder, {"state": postgres.url(), "state_schema": new_schema()})
    workspace = fill(folder)
    workspace.withdraw(CANARY, "marketing")
    assert any(one.file == "state" for one in erasure.verify(workspace, names(CANARY)))
    assert workspace.forget(CANARY).stage == "done"
    assert not erasure.verify(workspace, names(CANARY, DEVICE))
    assert not (folder / ".mindgap/state.db").exists()


@pytest.mark.slow
def test_after_a_run_nobody_shows_them_and_the_next_run_works(tmp_path):
    workspace = fill(tmp_path / "shop", customers=6)
    add_orders(workspace)
    workspace.run()
    assert workspace.customer(CANARY)["customer_id"] == CANARY
    found = mindgap("forget", CANARY, "--verify", "--json", cwd=workspace.folder)
    assert found.returncode == 0, found.stdout + found.stderr
    removed = json.loads(found.stdout)[0]["receipt"]["removed"]
    assert removed["events"] == 2
    assert removed["tables"]
    assert removed["shelf"] > 0
    for _ in range(2):
        assert CANARY not in workspace.find_customers("")
        assert CANARY not in render_report(workspace, language="en")
        assert mindgap("customer", CANARY, cwd=workspace.folder).returncode == 1
        assert mindgap("status", cwd=workspace.folder).returncode == 0
        assert workspace.customer(OTHER)["customer_id"] == OTHER
        workspace.run()
    assert not erasure.verify(workspace, names(CANARY, DEVICE))


def test_who_asks_while_others_are_taken_out_is_taken_out_too(tmp_path):
    workspace = fill(tmp_path / "shop")
    others = [OTHER]

    class Busy(LakeFiles):
        """Somebody else asks to be forgotten in the middle of a step."""

        def adopt(self, staged, relative):
            super().adopt(staged, relative)
            while others:
                erasure.suppress(workspace, others.pop())

    first, _ = erasure.suppress(workspace, CANARY)
    erasure.find_more(workspace, first)
    busy = Busy(workspace.stores.lake.root)
    erasure.do(workspace, "log")
    erasure.do(replace(workspace, stores=replace(workspace.stores, lake=busy)), "events")
    left = [one.steps_left for one in workspace.stores.suppression.erasures()]
    assert ["events" in steps for steps in left] == [False, True]
    erasure.carry_out(workspace)
    assert not erasure.verify(workspace, names(CANARY, DEVICE, OTHER))
