"""What does it cost to hand rows over to Treasure Data, and what does the receiver lose by it?

    python -m benchmarks.drain [--rows 50000] [--rounds 3] [--seconds 4] [--connections 64]

First a queue of made-up events is handed over to a far side that only reads and says yes, by each writer in turn, and
beside it the same rows, in memory, are only encoded and compressed. Then, which needs wrk and the `serve` extra, the
receiver takes calls of one event each, in turns without and with a drain beside it. All of it runs on this machine:
far side, drain and wrk share its cores with the receiver. Printed: rows and calls a second, and their ratios. Nothing
is asserted.
"""

import argparse
import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.receiver import SECRET, WRK_SCRIPT, body, cpu_seconds, found, signature, write_calls
from td_line_connectors.connectors.line_oa.connector import LineOaInput
from td_line_connectors.drain.backlog import backlog_of
from td_line_connectors.drain.targets import Target, targets_of
from td_line_connectors.drain.worker import open_stream
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.secret import Secret
from td_line_connectors.server.routes import TASK
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival, EventTables
from td_line_connectors.storage.sqlite import open_reader
from td_line_connectors.storage.tables import ROW_NUMBER
from td_line_connectors.transport.retry import RetryPolicy
from td_line_connectors.treasure_data.account import WRITERS
from td_line_connectors.treasure_data.importing import ImportWriter
from td_line_connectors.treasure_data.ingesting import BEGINNING, COMPRESSION, ENDING, IngestWriter
from td_line_connectors.treasure_data.packing import record_packer
from td_line_connectors.treasure_data.records import as_json

SERVERS = Path(__file__).with_name("drain_servers.py")
EVENTS_A_CALL = 50
Record = Mapping[str, object]


@contextmanager
def running(role: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run a process, and give its port and its number."""
    command = [sys.executable, str(SERVERS), role, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


@contextmanager
def project_of(writer: str, port: int) -> Iterator[tuple[Project, Source]]:
    """Make a project whose source goes on to the far side at this port."""
    with tempfile.TemporaryDirectory() as name:
        folder, url = Path(name), f"http://127.0.0.1:{port}"
        (folder / "td-line.yml").write_text(
            f"connections: {{line: {{type: line_oa_streaming, channel_secret: {SECRET}, td_api_key: 1/k, "
            f"ingest_endpoint: '{url}', import_endpoint: '{url}'}}}}\n"
        )
        project = read_project(folder)
        fields = SourceFields(
            name="shop",
            connection="line",
            database="line",
            raw_table="calls",
            events_table="events",
            datastore="plazma",
            writer=writer,
        )
        store, databases = SourceStore(project.state / "sources.sqlite"), Databases(project.state / "databases")
        now = datetime.now(UTC)
        yield project, create_source(fields, project, default_registry(), store=store, databases=databases, now=now)


def fill(project: Project, source: Source, rows: int) -> None:
    """Let so many events wait."""
    connector, now = LineOaInput([Secret(SECRET)]), datetime.now(UTC)
    tables = EventTables(Places(project.state))
    for start in range(0, rows, EVENTS_A_CALL):
        content = body(start, EVENTS_A_CALL)
        delivery = connector.receive(content, {"x-line-signature": signature(content).decode()}, now)
        tables.append([Arrival(local_database(source), source.raw_table, source.events_table, delivery)])
    tables.close()


def events_of(project: Project, source: Source) -> Target:
    """Give the events' table."""
    return list(targets_of(source, project, default_registry()))[1]


def handed_over(target: Target) -> float:
    """Hand a queue over, and give the seconds that it took."""
    with closing(open_stream(target, retry=RetryPolicy(attempts=1), runtime=Runtime(), patience=0.0)) as stream:
        began = time.perf_counter()
        while stream.turn():
            pass
        return time.perf_counter() - began


def bare(target: Target) -> float:
    """Encode and compress rows that are in memory, as the writer does, and give the seconds that it took."""
    writer = target.writer
    encode: Callable[[Record], bytes] = as_json if writer == "ingest" else record_packer()
    together = (IngestWriter if writer == "ingest" else ImportWriter).limits.records
    with closing(open_reader(target.path)) as reader:
        cursor = reader.execute(f"SELECT * FROM {target.table} ORDER BY {ROW_NUMBER}")  # noqa: S608 - our own name
        names, rows = [each[0] for each in cursor.description[1:]], [row[1:] for row in cursor.fetchall()]
    began = time.perf_counter()
    for start in range(0, len(rows), together):
        records = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in rows[start : start + together]
        ]
        encoded = [encode(record) for record in records]
        joined = BEGINNING + b",".join(encoded) + ENDING if writer == "ingest" else b"".join(encoded)
        gzip.compress(joined, COMPRESSION, mtime=0)
    return time.perf_counter() - began


def measured(writer: str, rows: int) -> tuple[float, float]:
    """Give the seconds that so many rows take, bare and handed over."""
    with running("far-side") as (port, _), project_of(writer, port) as (project, source):
        fill(project, source, rows)
        target = events_of(project, source)
        return bare(target), handed_over(target)


def compare_rows(rows: int, rounds: int) -> None:
    """Print rows a second, handed over and bare."""
    for writer in WRITERS:
        measured(writer, 1)  # what is loaded at the first request is not paid again
        ratios = []
        for _ in range(rounds):
            alone, whole = measured(writer, rows)
            ratios.append(alone / whole)
            shown = f"handed over {rows / whole:9,.0f} rows/s   bare {rows / alone:9,.0f} rows/s"
            print(f"{writer:7}{shown}   ratio {ratios[-1]:.2f}", flush=True)
        print(f"{writer:7}median of the ratios: {statistics.median(ratios):.2f}   (aim: 0.5)", flush=True)


@dataclass(frozen=True)
class Served:
    """What was seen of a receiver.

    Attributes:
        rate: calls a second.
        cpu: microseconds of CPU a call, of the receiver's process alone.
        waiting: rows that waited at the end.
    """

    rate: float
    cpu: float
    waiting: int


def served(role: str, load: Sequence[str], calls: Path) -> Served:
    """Run a receiver under load."""
    with running("far-side") as (port, _), project_of("ingest", port) as (project, source):
        with running(role, str(project.folder)) as (receiver, pid):
            time.sleep(2)  # until the drain, if there is one, is at work
            target = [f"http://127.0.0.1:{receiver}", "--", f"{TASK}{source.id}", str(calls)]
            before = cpu_seconds(pid)
            said = subprocess.run([*load, *target], check=True, stdout=subprocess.PIPE, text=True).stdout
            used = cpu_seconds(pid) - before
            waiting = backlog_of(source, Places(project.state), time.time()).pending
        answered = int(found(r"(\d+) requests in", said))
        return Served(float(found(r"Requests/sec:\s+([\d.]+)", said)), used / answered * 1e6, waiting)


def compare_calls(rounds: int, seconds: int, connections: int) -> None:
    """Print calls a second, without and with a drain."""
    if shutil.which("wrk") is None:
        print("wrk is not installed: the receiver is not measured")
        return
    with tempfile.TemporaryDirectory() as name:
        script = Path(name) / "calls.lua"
        script.write_text(WRK_SCRIPT)
        calls = write_calls(Path(name) / "calls", 15_000 * seconds, 1)
        load = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", str(script)]
        ratios, costs = [], []
        for _ in range(rounds):
            alone, beside = served("receiver", load, calls), served("receiver+drain", load, calls)
            ratios.append(beside.rate / alone.rate)
            costs.append(alone.cpu / beside.cpu)
            for how, each in (("alone", alone), ("with a drain", beside)):
                shown = f"{each.rate:8,.0f} calls/s   {each.cpu:6.1f} µs of its own CPU a call"
                print(f"{how:14}{shown}   rows that wait at the end {each.waiting:,}", flush=True)
        print(f"calls a second, with a drain / alone: {statistics.median(ratios):.2f}   (aim: 0.9)")
        print(f"by the receiver's own CPU a call:     {statistics.median(costs):.2f}", flush=True)


def main() -> None:
    """Read the arguments, run and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, default=64)
    chosen = parser.parse_args()
    compare_rows(chosen.rows, chosen.rounds)
    compare_calls(chosen.rounds, chosen.seconds, chosen.connections)


if __name__ == "__main__":
    main()
