"""What does an export cost beside the obvious loop?

    python benchmarks/export.py [--rows 1000000] [--scale 10] [--people 1000000]

Rows of eight columns lie in an embedded database. Each round measures, in processes of their own and in turn:

* **ours**: the query is read, judged, merged, snapshotted and imported into the MAAC emulator, whose time runs
  `scale` times faster than life, quota included;
* **naive**: the same query, every row through `validate_email` and `phonenumbers`, encoded as JSON, sent nowhere.

Printed: CPU seconds per million rows, peak memory, wall time, and the wall time beside its lower bound: reading and
checking + the quota's own time + one import. Nothing is asserted.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from td_line_connectors.engine.events import Event, RequestSettled, RowsRead
from td_line_connectors.engine.export import export
from td_line_connectors.plugins import default_registry
from td_line_connectors.report import RunReport
from td_line_connectors.rows import Result
from td_line_connectors.storage.databases import Databases
from td_line_connectors.testing import FastClock, MaacEmulator

COLUMNS = ("line_uid", "line_display_name", "email", "mobile", "customer_id", "gender", "birthday", "tags")
DOMAINS = ("example.com", "gmail.com", "yahoo.com.tw", "docomo.ne.jp", "mail.example.co.jp")
QUERY = f"SELECT {', '.join(COLUMNS)} FROM people"  # noqa: S608 - our own names
TOKEN = "benchmark-token"  # noqa: S105 - it opens an emulator


def people(rows: int, distinct: int) -> Iterator[tuple[str, ...]]:
    """Give rows such as a brand has them; the keys repeat after `distinct` rows."""
    for number in range(rows):
        person = number % distinct
        yield (
            f"U{person:032x}",
            f"王小明 {person}",
            f"person.{person}@{DOMAINS[person % 5]}",
            f"09{person % 100_000_000:08d}" if person % 2 else f"+8869{person % 100_000_000:08d}",
            f"C{person:08d}",
            ("male", "female")[person % 2],
            f"{1950 + person % 60}-{1 + person % 12:02d}-{1 + person % 28:02d}",
            ("vip, spring", "new", "")[person % 3],
        )


def ours(folder: Path, url: str, scale: float) -> dict[str, object]:
    """Run one export in this process and measure it."""
    began = time.monotonic()
    read_at = 0.0
    slowest = 0.0

    def observe(event: Event) -> None:
        nonlocal read_at, slowest
        if isinstance(event, RowsRead) and event.last:
            read_at = time.monotonic()
        elif isinstance(event, RequestSettled):
            slowest = max(slowest, event.seconds / scale)

    runtime = replace(FastClock(scale).runtime(), work_folder=folder)
    settings = {
        "api_token": TOKEN,
        "endpoint": url,
        "data_object": "members",
        "import_key": "line_uid",
        "tags": "benchmark",
        "poll_interval": 0.2,
    }
    plugin = default_registry().output("line_via_crescendo")
    with closing(plugin.connect(settings, runtime)) as connector:
        report = export(Databases(folder).query("benchmark", QUERY), connector, runtime, observer=observe)
    return figures(began) | {"read": read_at - began, "report": summary(report)}


def naive(folder: Path) -> dict[str, object]:
    """Run the obvious loop in this process and measure it."""
    import phonenumbers  # noqa: PLC0415 - the peer's own packages, loaded only where it runs
    from email_validator import validate_email  # noqa: PLC0415 - the same

    began = time.monotonic()
    size = 0
    for row in Databases(folder).query("benchmark", QUERY).mappings():
        email = validate_email(str(row["email"]), check_deliverability=False).normalized
        number = phonenumbers.parse(str(row["mobile"]), "TW")
        mobile = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number):
            size += len(json.dumps({**row, "email": email, "mobile": mobile}))
    return figures(began) | {"bytes": size}


def figures(began: float) -> dict[str, object]:
    """Give CPU seconds, wall seconds and peak memory of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu": used.ru_utime + used.ru_stime, "wall": time.monotonic() - began, "memory": used.ru_maxrss / 1024}


def summary(report: RunReport) -> dict[str, object]:
    """Give what the report says in sum."""
    task = report.tasks[0]
    return {"rows": task.rows.to_json(), "requests": task.requests, "status": report.status.value}


def emulate(scale: float) -> None:
    """Serve a MAAC whose time runs faster, until standard input ends."""
    gc.disable()  # a million members are no garbage, and the far side's pauses are not what is measured here
    with MaacEmulator(token=TOKEN, time_scale=scale) as maac:
        print(maac.url, flush=True)
        sys.stdin.read()


@contextmanager
def emulator(scale: float) -> Iterator[str]:
    """Give the URL of an emulator in a process of its own."""
    command = [sys.executable, __file__, "--role", "emulator", "--scale", str(scale)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def measured(*arguments: str) -> dict[str, float]:
    """Run one role in a fresh process and give what it measured."""
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def one_round(folder: Path, rows: int, scale: float, *, with_naive: bool) -> None:
    """Measure ours and the naive loop once and print both."""
    with emulator(scale) as url:
        mine = measured("--role", "ours", "--folder", str(folder), "--url", url, "--scale", str(scale))
    report: dict[str, dict[str, int]] = mine["report"]  # type: ignore[assignment]  # the one nested figure
    requests = int(str(report["requests"]))
    quota = 60 / scale * ((requests - 1) // 15)
    bound = mine["read"] + quota
    per_million = 1e6 / rows
    print(f"ours    CPU {mine['cpu'] * per_million:6.2f} s/million   peak {mine['memory']:6.1f} MB   {report}")
    print(f"        wall {mine['wall']:.2f} s = {mine['wall'] / bound:.3f} x (read and check {mine['read']:.2f} s")
    print(f"        + the quota's own {quota:.2f} s for {requests} requests); {mine['wall'] - bound:.2f} s above it")
    if with_naive:
        peer = measured("--role", "naive", "--folder", str(folder))
        print(f"naive   CPU {peer['cpu'] * per_million:6.2f} s/million   peak {peer['memory']:6.1f} MB   sends nothing")
        print(f"ratio   naive / ours, CPU: {peer['cpu'] / mine['cpu']:.1f}")


def main() -> None:
    """Read the arguments and play the role they name."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=1_000_000, help="distinct keys")
    parser.add_argument("--scale", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-naive", action="store_true")
    parser.add_argument("--role", choices=["main", "ours", "naive", "emulator"], default="main", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.role == "emulator":
        emulate(chosen.scale)
    elif chosen.role == "ours":
        print(json.dumps(ours(chosen.folder, chosen.url, chosen.scale)))
    elif chosen.role == "naive":
        print(json.dumps(naive(chosen.folder)))
    else:
        with tempfile.TemporaryDirectory() as name:
            databases = Databases(Path(name))
            databases.create("benchmark")
            databases.create_table("benchmark", "people")
            databases.import_rows("benchmark", "people", Result(COLUMNS, people(chosen.rows, chosen.people)))
            for _ in range(chosen.rounds):
                one_round(Path(name), chosen.rows, chosen.scale, with_naive=not chosen.no_naive)


if __name__ == "__main__":
    main()
