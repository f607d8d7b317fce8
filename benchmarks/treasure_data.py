"""What does a job's result cost on its way from Treasure Data into an export?

    python benchmarks/treasure_data.py [--rows 1000000] [--scale 200] [--rounds 1]

The stand-in for Treasure Data has a job whose result has so many rows of eight columns. Measured, in processes of
their own and in turn:

* **bare**: the same bytes from a file, unzipped and unpacked by gzip and msgpack, and nothing else;
* **rows**: the rows as the connector gives them, from the stand-in over a real socket;
* **export**: the whole way: asked for, judged, merged, snapshotted and imported into the MAAC emulator, whose time runs
  `scale` times faster than life.

Printed: rows a second, and peak memory. Nothing is asserted.
"""

import argparse
import gc
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgpack

from td_line_connectors.engine.export import export
from td_line_connectors.plugins import default_registry
from td_line_connectors.rows import Result
from td_line_connectors.spi import Query, QueryConnector
from td_line_connectors.testing import FastClock, MaacEmulator, TreasureDataEmulator

COLUMNS = ("line_uid", "line_display_name", "email", "mobile", "customer_id", "gender", "birthday", "tags")
DATABASE = "benchmark"
SQL = "SELECT * FROM people"
READ_AT_ONCE = 1 << 20
TOKEN = "benchmark-token"  # noqa: S105 - it opens an emulator


def people(count: int) -> Iterator[tuple[str, ...]]:
    """Give rows such as a brand has them, each somebody else's."""
    for person in range(count):
        yield (
            f"U{uuid5(NAMESPACE_URL, str(person)).hex}",
            f"王小明 {person}",
            f"person.{person}@example.com",
            f"+8869{person % 100_000_000:08d}",
            f"C{person:08d}",
            ("male", "female")[person % 2],
            f"{1950 + person % 60}-{1 + person % 12:02d}-{1 + person % 28:02d}",
            ("vip, spring", "new", "")[person % 3],
        )


def bare(file: Path) -> int:
    """Unpack a file, and count its rows."""
    with gzip.open(file) as unzipped:
        return sum(1 for _ in msgpack.Unpacker(unzipped))


@contextmanager
def result_of(folder: Path, url: str, clock: FastClock) -> Iterator[Result]:
    """Give the job's result as a run has it."""
    key = (folder / "key").read_text()
    connector: QueryConnector = (
        default_registry().query("treasure_data").connect({"api_key": key, "endpoint": url}, clock.runtime())
    )
    with closing(connector):
        job = connector.issue(Query(engine="trino", database=DATABASE, sql=SQL, key="one"))
        with closing(connector.result(job.job_id)) as result:
            yield result


def rows(folder: Path, url: str) -> int:
    """Take the rows as the connector gives them."""
    with result_of(folder, url, FastClock(1.0)) as result:
        return sum(1 for _ in result.rows)


def whole(folder: Path, url: str, maac: str, scale: float) -> int:
    """Export the rows."""
    clock = FastClock(scale)
    settings = {
        "api_token": TOKEN,
        "endpoint": maac,
        "data_object": "members",
        "import_key": "line_uid",
        "tags": "benchmark",
        "poll_interval": 0.2,
    }
    runtime = replace(clock.runtime(), work_folder=folder)
    plugin = default_registry().output("line_via_crescendo")
    with result_of(folder, url, clock) as result, closing(plugin.connect(settings, runtime)) as connector:
        return export(result, connector, runtime).tasks[0].rows.read


def emulate(folder: Path, count: int, scale: float) -> None:
    """Play both far sides until standard input ends; the job is done before anybody is told where they are."""
    gc.disable()  # the far sides' pauses are not what is measured here
    with TreasureDataEmulator(job_seconds=0) as treasure_data, MaacEmulator(token=TOKEN, time_scale=scale) as maac:
        (folder / "key").write_text(treasure_data.api_key)
        treasure_data.add_tables(DATABASE)
        treasure_data.add_result(SQL, lambda: people(count), [(name, "varchar") for name in COLUMNS])
        with result_of(folder, treasure_data.url, FastClock(1.0)):
            keep(folder / "result.msgpack.gz", treasure_data)
        print(json.dumps([treasure_data.url, maac.url]), flush=True)
        sys.stdin.read()


def keep(file: Path, treasure_data: TreasureDataEmulator) -> None:
    """Write the job's result as it goes over the line to a file."""
    host, _, port = treasure_data.url.removeprefix("http://").rpartition(":")
    path = f"/v3/job/result/{treasure_data.jobs[0].id}?format=msgpack.gz"
    with closing(HTTPConnection(host, int(port))) as line, file.open("wb") as kept:
        line.request("GET", path, headers={"Authorization": f"TD1 {treasure_data.api_key}"})
        answer = line.getresponse()
        while piece := answer.read(READ_AT_ONCE):
            kept.write(piece)


@contextmanager
def far_sides(folder: Path, count: int, scale: float) -> Iterator[tuple[str, str]]:
    """Give the URLs of both far sides, in a process of their own."""
    command = [sys.executable, __file__, "--role", "far-sides", "--folder", str(folder)]
    command += ["--rows", str(count), "--scale", str(scale)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        treasure_data, maac = json.loads(process.stdout.readline())
        yield treasure_data, maac
        process.stdin.close()


def measured(role: str, folder: Path, urls: tuple[str, str], scale: float) -> None:
    """Play one role in a fresh process, and print what it cost."""
    command = [sys.executable, __file__, "--role", role, "--folder", str(folder), "--urls", *urls]
    done = subprocess.run([*command, "--scale", str(scale)], check=True, stdout=subprocess.PIPE, text=True)
    count, wall, cpu, memory = json.loads(done.stdout)
    pace = f"{count:,} rows in {wall:6.2f} s: {count / wall:9,.0f} rows/s"
    print(f"{role:7} {pace}   CPU {cpu:.2f} s   peak {memory:.1f} MB")


def main() -> None:
    """Read the arguments and play the role they name."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--scale", type=float, default=200.0)
    parser.add_argument("--rounds", type=int, default=1)
    roles = ["main", "far-sides", "bare", "rows", "export"]
    parser.add_argument("--role", choices=roles, default="main", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--urls", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    began = time.monotonic()
    match chosen.role:
        case "main":
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                with far_sides(folder, chosen.rows, chosen.scale) as urls:
                    print(f"the result has {(folder / 'result.msgpack.gz').stat().st_size / 1e6:.1f} MB, packed")
                    for role in roles[2:] * chosen.rounds:
                        measured(role, folder, urls, chosen.scale)
            return
        case "far-sides":
            emulate(chosen.folder, chosen.rows, chosen.scale)
            return
        case "bare":
            count = bare(chosen.folder / "result.msgpack.gz")
        case "rows":
            count = rows(chosen.folder, chosen.urls[0])
        case _:
            count = whole(chosen.folder, chosen.urls[0], chosen.urls[1], chosen.scale)
    used = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    print(json.dumps([count, wall, cpu, used.ru_maxrss / 1024]))


if __name__ == "__main__":
    main()
