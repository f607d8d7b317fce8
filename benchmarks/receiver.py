"""What does a durable receiver cost beside what a LINE developer would write?

    python benchmarks/receiver.py [--rounds 3] [--seconds 5] [--connections 128]

It needs wrk, and fastapi and line-bot-sdk beside the `serve` extra. In each round every server runs in turn, in one
process of its own, and wrk on the same machine sends it signed calls of one text event each, all different:

* **ours**: the receiver as `td-line serve` runs it, log and metrics included; a call is answered when it is on disk;
* **sdk**: FastAPI with the official SDK's WebhookParser, which stores nothing;
* **sdk+sqlite**: the same with a row for the call, one for each event and a SQLite commit (WAL, FULL) per call;
* **floor**: a bare uvicorn application that checks the signature and answers.

Then ours takes calls of a hundred events each, and the parts of a call are timed one by one. Printed: medians and
their ratios, and microseconds of CPU per call. Nothing is asserted.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import sysconf
from pathlib import Path
from uuid import uuid4

from td_line_connectors.server.routes import TASK

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"  # noqa: S105 - it is LINE's own example
SERVERS = ("floor", "sdk", "sdk+sqlite", "ours")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WRK_SCRIPT = """
local requests, sent = {}, 0
function init(arguments)
  for line in io.lines(arguments[2]) do
    local headers = {
      ["Host"] = "line.example.com",
      ["User-Agent"] = "LineBotWebhook/2.0",
      ["Content-Type"] = "application/json; charset=utf-8",
      ["x-line-signature"] = line:sub(1, 44),
    }
    requests[#requests + 1] = wrk.format("POST", arguments[1], headers, line:sub(46))
  end
end
function request()
  sent = sent % #requests + 1
  return requests[sent]
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk is told.

    Attributes:
        script: its Lua script.
        warm: signed calls for a second before the clock starts.
        calls: signed calls.
        connections: how many it opens.
        seconds: for how long it sends.
    """

    script: Path
    warm: Path
    calls: Path
    connections: int
    seconds: int


@dataclass(frozen=True)
class Measured:
    """What wrk and the system said of one run.

    Attributes:
        rate: calls a second.
        p99: seconds.
        cpu: seconds of CPU a call, of the server's process.
        refused: calls that were not answered with 2xx.
    """

    rate: float
    p99: float
    cpu: float
    refused: int


def event(number: int) -> dict[str, object]:
    """Give a text message as LINE sends it, with an id of its own."""
    digits = "".join(LETTERS[number >> shift & 31] for shift in range(75, -5, -5))
    return {
        "type": "message",
        "message": {
            "type": "text",
            "id": str(531_000_000_000_000_000 + number),
            "quoteToken": f"q3Plxr4AgKd{number:020d}",
            "markAsReadToken": f"30yhdy232{number:030d}",
            "text": f"今天有什麼優惠？ order {number}",
        },
        "webhookEventId": f"01JD000000{digits}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": 1_732_190_000_000 + number,
        "source": {"type": "user", "userId": f"U{number % 5000:032x}"},
        "replyToken": f"{number:032x}",
        "mode": "active",
    }


def body(first: int, events: int) -> bytes:
    """Give the body of a call of so many events."""
    call = {
        "destination": "U8e742f61d673b39c7fff3cecb7536ef0",
        "events": [event(number) for number in range(first, first + events)],
    }
    return json.dumps(call, separators=(",", ":"), ensure_ascii=False).encode()


def signature(content: bytes) -> bytes:
    """Sign a body as LINE does."""
    return base64.b64encode(hmac.digest(SECRET.encode(), content, hashlib.sha256))


def write_calls(path: Path, calls: int, events: int, first: int = 0) -> Path:
    """Write signed calls for wrk, one a line, no event twice."""
    with path.open("wb") as file:
        for start in range(first, first + calls * events, events):
            content = body(start, events)
            file.write(signature(content) + b" " + content + b"\n")
    return path


@contextmanager
def running(role: str) -> Iterator[tuple[int, str, int]]:
    """Run a server, and give its port, the path to call and its process's number."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / str(uuid4())
        folder.mkdir()
        servers = Path(__file__).with_name("receiver_servers.py")
        command = [sys.executable, str(servers), role, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield port, f"{TASK}{folder.name}" if role == "ours" else "/callback", process.pid
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """Give the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")


def measured(role: str, load: Load) -> Measured:
    """Run a server under load."""
    with running(role) as (port, path, pid):

        def wrk(seconds: int, calls: Path) -> str:
            command = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}", "--latency", "-s", str(load.script)]
            target = [f"http://127.0.0.1:{port}", "--", path, str(calls)]
            return subprocess.run([*command, *target], check=True, stdout=subprocess.PIPE, text=True).stdout

        wrk(1, load.warm)
        before = cpu_seconds(pid)
        said = wrk(load.seconds, load.calls)
        used = cpu_seconds(pid) - before
    answered = int(found(r"(\d+) requests in", said))
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    assert p99 is not None
    seconds = float(p99[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[p99[2]]
    refused = int(found(r"Non-2xx or 3xx responses: (\d+)", said))
    return Measured(float(found(r"Requests/sec:\s+([\d.]+)", said)), seconds, used / answered, refused)


def found(pattern: str, text: str) -> str:
    """Give what a pattern's group matched; 0 where it is not there."""
    match = re.search(pattern, text)
    return match[1] if match else "0"


def middle(runs: Sequence[Measured]) -> Measured:
    """Give the median of each figure."""
    return Measured(
        rate=statistics.median(run.rate for run in runs),
        p99=statistics.median(run.p99 for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        refused=sum(run.refused for run in runs),
    )


def told(name: str, run: Measured, events: int = 1) -> None:
    """Print the figures of a server."""
    rows = f"   {run.rate * events:9,.0f} events/s" if events > 1 else ""
    odd = f"   {run.refused} calls not answered with 2xx!" if run.refused else ""
    cpu = f"{run.cpu * 1e6:7.1f} µs of CPU a call"
    print(f"{name:12}{run.rate:9,.0f} calls/s   p99 {run.p99 * 1e3:6.1f} ms   {cpu}{rows}{odd}", flush=True)


def compare(load: Load, rounds: int) -> dict[str, Measured]:
    """Run every server in turn, `rounds` times, and print the medians and their ratios."""
    runs: dict[str, list[Measured]] = {role: [] for role in SERVERS}
    for number in range(rounds):
        print(f"round {number + 1}", flush=True)
        for role in SERVERS:
            runs[role].append(measured(role, load))
            told(role, runs[role][-1])
    medians = {role: middle(runs[role]) for role in SERVERS}
    print("medians")
    for role in SERVERS:
        told(role, medians[role])
    ours = medians["ours"].rate
    for role in SERVERS[:3]:
        each = [mine.rate / its.rate for mine, its in zip(runs["ours"], runs[role], strict=True)]
        spread = ", ".join(f"{ratio:.2f}" for ratio in each)
        print(f"ours / {role:10} = {ours / medians[role].rate:6.2f}   (by rounds: {spread})", flush=True)
    return medians


def parts(calls: Path) -> dict[str, float]:
    """Time the parts of a call one by one, in a process of their own; microseconds."""
    script = Path(__file__).with_name("receiver_parts.py")
    done = subprocess.run([sys.executable, str(script), str(calls)], check=True, stdout=subprocess.PIPE, text=True)
    costs: dict[str, float] = json.loads(done.stdout)
    return costs


def account(medians: dict[str, Measured], one: Path, hundred: Path) -> None:
    """Print where the microseconds of a call go."""
    costs = parts(one)
    accept = medians["floor"].cpu * 1e6 - costs["signature"]
    rest = medians["ours"].cpu * 1e6 - accept - sum(costs.values())
    shown = ", ".join(f"{name} {cost:.1f}" for name, cost in costs.items())
    print("µs of CPU, a call of one event:")
    print(
        f"  accept {accept:.1f} (HTTP, as the floor has it), {shown}, hand-off and waiting for it {rest:.1f} (the rest)"
    )
    print("µs of CPU, a call of a hundred events:")
    print("  " + ", ".join(f"{name} {cost:,.0f}" for name, cost in parts(hundred).items()), flush=True)


def main() -> None:
    """Read the arguments, run and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=128)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "calls.lua"
        script.write_text(WRK_SCRIPT)
        warm = write_calls(folder / "warm", 2000, 1, first=10**9)
        one = write_calls(folder / "one", 25_000 * chosen.seconds, 1)
        medians = compare(Load(script, warm, one, chosen.connections, chosen.seconds), chosen.rounds)
        hundred = write_calls(folder / "hundred", 1000 * chosen.seconds, 100)
        load = Load(script, warm, hundred, chosen.connections, chosen.seconds)
        told("ours, 100", middle([measured("ours", load) for _ in range(chosen.rounds)]), events=100)
        account(medians, one, hundred)


if __name__ == "__main__":
    main()
