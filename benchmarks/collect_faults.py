"""The event log under kill -9, power cuts and full disks: what was acknowledged is there, and nothing else.

python -m benchmarks.collect_faults [kills=100] [servers=100] [cuts=50] [outages=20] [full=20]

Ten minutes; where some are named, only those. `kills` and `cuts` are of a process that only writes the log,
`servers` and `outages` of the whole collector. Power cuts and full disks need root.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from operator import ne
from pathlib import Path

from benchmarks import report, require
from benchmarks._collector import KEY, make_workspace
from benchmarks._event_writer import entry_of
from benchmarks._http_faults import Clients, Server, compacting
from benchmarks._power_cut import CutDisk, in_memory, make_disk, mounted, why_not
from mindgap.backends.segments import Limits, SegmentLog
from mindgap.store.engine import Relation
from mindgap.workspace import open as open_workspace
from mindgap.workspace.events import compact

TRIALS = {"kills": 100, "servers": 100, "cuts": 50, "outages": 20, "full": 20}
CATCHES = 10  # power cuts on a writer that does not sync, and on a disk that is not told to flush
_WAIT_S = 30.0
_FULL_DISK_MIB = 64
_ROOT = Path(__file__).parent.parent


@dataclass
class Told:
    """What a writer said: ids of entries that were acknowledged, and of those that were refused."""

    kept: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            what, _, name = line.rstrip("\n").partition(" ")
            (self.kept if what == "kept" else self.refused).add(name)

    def wait(self, what: str, more: int) -> None:
        """Until that many more were kept, or refused."""
        names = getattr(self, what)
        enough, until = len(names) + more, time.monotonic() + _WAIT_S
        while len(names) < enough:
            require(time.monotonic() < until, f"within {_WAIT_S:.0f} s entries are {what}")
            time.sleep(0.002)


@contextmanager
def writer(folder: Path, name: str, *flags: str) -> Iterator[tuple[subprocess.Popen[str], Told]]:
    """A process that writes there while the block runs; it ends by kill -9, and all that it said is known."""
    command = [sys.executable, "-m", "benchmarks._event_writer", str(folder), name, *flags]
    told = Told()
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        listener = threading.Thread(target=told.listen, args=(process,))
        listener.start()
        try:
            yield process, told
        finally:
            process.send_signal(signal.SIGKILL)
            listener.join()


@dataclass
class Found:
    """What is in logs, against what their writers said.

    Attributes:
        kept: Acknowledged entries.
        torn: Segments with an end that no checksum covers.
        wrong: What is wrong with entries, by kind.
    """

    kept: int = 0
    torn: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def add(self, folder: Path, told: Told) -> None:
        """Read a log."""
        kept, ends, seen = set(told.kept), dict[str, int](), set[str]()
        for position, entries in SegmentLog(folder).read({}):
            ends[position.segment] = position.offset
            for entry in entries:
                self.wrong["changed"] += entry != entry_of(entry.cursor)
                self.wrong["twice"] += entry.cursor in seen
                self.wrong["refused"] += entry.cursor in told.refused
                seen.add(entry.cursor)
        self.wrong["lost"] += len(kept - seen)
        self.kept += len(kept)
        self.torn += sum(file.stat().st_size > ends.get(file.stem, 0) for file in folder.glob("*"))

    def report(self, what: str, trials: int) -> None:
        report(f"{what}: trials", trials, "trials")
        report(f"{what}: torn ends", self.torn, "segments")
        report(f"{what}: acknowledged entries", self.kept, "entries")
        print("#", what, dict(+self.wrong))
        report(
            f"{what}: lost, changed, twice, or there although refused", self.wrong.total(), "entries", bar=0
        )


def kill(trials: int, work: Path, chance: random.Random) -> None:
    """kill -9 at any moment; each writer goes on in the log that the killed ones left."""
    told, found = Told(), Found()
    for trial in range(trials):
        with writer(work / "log", f"w{trial}") as (_, heard):
            heard.wait("kept", 1)
            time.sleep(chance.uniform(0, 0.15))
        told.kept |= heard.kept
        if trial % 20 == 0:
            Found().add(work / "log", told)
    found.add(work / "log", told)
    log = SegmentLog(work / "log", limits=Limits(grace_s=0))
    consumed = {position.segment: position.offset for position, _ in log.read({})}
    require(log.size_bytes(consumed) == 0, "torn ends count for nothing")
    log.drop(consumed)
    time.sleep(0.01)
    require(sorted(log.drop(consumed)) == sorted(consumed), "torn ends keep no segment alive")
    found.report("kill -9", trials)


def kill_server(trials: int, work: Path, chance: random.Random) -> None:
    """kill -9 of the collector and of its compaction while clients deliver, again and again where need be."""
    shop = work / "shop"
    make_workspace(shop)
    server, arrived = Server(shop), dict[str, list[bytes]]()
    clients = Clients(server.port, KEY)
    with clients.delivering():
        for trial in range(trials + 1):
            with compacting(shop), server.running():
                clients.wait(1)
                time.sleep(chance.uniform(0, 0.8))
                if trial == trials:
                    clients.finish()
            arrived |= by_segment(shop / ".mindgap" / "log")
    wrong = unsettled(shop, clients, [*chain(*arrived.values())])
    print("#", dict(+wrong), open_workspace(shop).stores.streams.records()[0].tally)
    report("kill -9 of the collector: trials", trials, "trials")
    report("kill -9 of the collector: acknowledged messages", len(clients.kept), "messages")
    report("kill -9 of the collector: lost, changed, twice or miscounted", wrong.total(), "messages", bar=0)


def by_segment(log: Path) -> dict[str, list[bytes]]:
    """All messages in a log, by segment."""
    found: dict[str, list[bytes]] = {}
    for position, entries in SegmentLog(log).read({}):
        found.setdefault(position.segment, []).extend(text for entry in entries for text in entry.messages)
    return found


def unsettled(shop: Path, clients: Clients, arrived: Sequence[bytes]) -> Counter[str]:
    """What is wrong in the log and in the table `events`, by kind, once all is worked up."""
    workspace = open_workspace(shop)
    compact(workspace)
    (record,) = workspace.stores.streams.records()
    parts, _ = workspace.stores.streams.snapshot()
    paths = [workspace.stores.lake.path(part.path) for part in parts]
    with workspace.stores.engine.session({"events": Relation(paths=paths)}) as session:
        stored = Counter(session.table("select message_id from events")["message_id"].to_pylist())
    names = [json.loads(message)["messageId"] for message in arrived]
    tally = record.tally
    settled = tally.stored + tally.quarantined + tally.duplicates + tally.refused
    return Counter(
        lost=len(clients.kept - stored.keys()),
        invented=len(stored.keys() - clients.sent.keys()),
        twice=stored.total() - len(stored),
        changed=sum(map(ne, arrived, map(clients.sent.get, names))),
        miscounted=abs(tally.received - len(arrived))
        + abs(tally.received - settled)
        + abs(tally.stored - stored.total()),
    )


def one_cut(disk: CutDisk, trial: int, chance: random.Random, *flags: str) -> Found:
    """A power cut at any moment, and what is there when the machine comes up again."""
    name, found = f"log{trial}", Found()
    with writer(disk.folder / name, f"w{trial}", *flags) as (process, told):
        told.wait("kept", 1)
        time.sleep(chance.uniform(0, 0.4))
        before = set(told.kept)
        with disk.stopped() as copy:  # who waits for the disk can acknowledge nothing now
            acknowledged = before if flags else set(told.kept)
            process.send_signal(signal.SIGSTOP)
    with disk.after_power_cut(copy) as disk_found:
        found.add(disk_found / name, Told(kept=acknowledged))
    shutil.rmtree(disk.folder / name)
    return found


def cut(trials: int, work: Path, chance: random.Random) -> None:
    """Power cuts; first those that must be caught."""
    if reason := why_not():
        print(f"no power cuts: {reason}")
        return
    for what, flags, flushing in (
        ("a writer that does not sync", ("--unsynced",), True),
        ("a disk that is not told to flush", (), False),
    ):
        with CutDisk(work, flushing=flushing) as disk:
            found = [one_cut(disk, trial, chance, *flags) for trial in range(min(CATCHES, trials))]
        caught = sum(each.wrong["lost"] > 0 for each in found)
        report(f"power cut: {what} caught, of {len(found)}", caught, "trials")
        require(caught == len(found), f"{what} is caught each time")
    found = Found()
    with CutDisk(work) as disk:
        for trial in range(trials):
            each = one_cut(disk, trial, chance)
            found = Found(
                kept=found.kept + each.kept, torn=found.torn + each.torn, wrong=found.wrong + each.wrong
            )
    found.report("power cut", trials)


def cut_server(trials: int, work: Path, chance: random.Random) -> None:
    """Power cuts of the collector and its compaction while clients deliver."""
    if reason := why_not():
        print(f"no power cuts: {reason}")
        return
    kept, wrong = 0, Counter[str]()
    make_workspace(work / "new")  # not on the disk: what this process has open there could not be unmounted
    with CutDisk(work) as disk:
        for trial in range(trials):
            shop = disk.folder / f"shop{trial}"
            shutil.copytree(work / "new", shop)
            os.sync()
            server = Server(shop)
            clients = Clients(server.port, KEY)
            with compacting(shop), server.running(), clients.delivering():
                clients.wait(1)
                time.sleep(chance.uniform(0, 1.5))
                with disk.stopped() as copy:
                    clients.give_up()
            with disk.after_power_cut(copy) as found:
                shutil.copytree(found / shop.name, work / shop.name)
            arrived = by_segment(work / shop.name / ".mindgap" / "log")
            wrong += unsettled(work / shop.name, clients, [*chain(*arrived.values())])
            kept += len(clients.kept)
            shutil.rmtree(shop)
    print("# power cut of the collector", dict(+wrong))
    report("power cut of the collector: trials", trials, "trials")
    report("power cut of the collector: acknowledged messages", kept, "messages")
    report("power cut of the collector: lost, changed, twice or miscounted", wrong.total(), "messages", bar=0)


def fill_up(trials: int, work: Path, chance: random.Random) -> None:
    """Full disks: it says so, what it has said is there, and it goes on by itself when there is room."""
    if reason := why_not():
        print(f"no full disks: {reason}")
        return
    found = Found()
    for trial in range(trials):
        make_disk(work / "small.img", _FULL_DISK_MIB)
        with mounted(work / "small.img", work / "small") as disk:
            with writer(disk / "log", f"w{trial}") as (_, told):
                told.wait("kept", 1)
                _weigh_down(disk / "ballast", chance)
                told.wait("refused", 20)
                Found().add(disk / "log", told)
                (disk / "ballast").unlink()
                told.wait("kept", 50)
            found.add(disk / "log", told)
    found.report("full disk", trials)


def _weigh_down(ballast: Path, chance: random.Random) -> None:
    """Leave some megabytes of a disk, which the log then fills."""
    room = shutil.disk_usage(ballast.parent).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room - chance.randrange(2_000_000, 6_000_000))


def main() -> None:
    named = {name: int(count) for name, _, count in (word.partition("=") for word in sys.argv[1:])}
    trials = dict.fromkeys(TRIALS, 0) | named if named else TRIALS
    chance = random.Random(3)  # noqa: S311 - moments of faults
    for name, run in (
        ("kills", kill),
        ("servers", kill_server),
        ("cuts", cut),
        ("outages", cut_server),
        ("full", fill_up),
    ):
        with tempfile.TemporaryDirectory(dir=in_memory() if name in {"cuts", "outages"} else None) as folder:
            if trials[name]:
                run(trials[name], Path(folder), chance)


if __name__ == "__main__":
    main()
