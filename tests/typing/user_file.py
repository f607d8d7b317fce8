"""What people write against the public face: it has only to type-check, under mypy's strictest settings."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, assert_type

from td_line_connectors import (
    ConfigError,
    DataError,
    Guards,
    Observer,
    Percent,
    Registry,
    Result,
    Row,
    RowCounts,
    RunFailedError,
    RunReport,
    Runtime,
    TaskReport,
    ValidationIssue,
    default_registry,
    export,
    validators,
)
from td_line_connectors.errors import PayloadError, RefusedError, SignatureError, TransientError, UncertainError
from td_line_connectors.schema import SECRET, TEXT, Column, Parameter, ParameterSchema, Place, RowSchema, choice
from td_line_connectors.server import Receiver, receiving
from td_line_connectors.spi import (
    Delivery,
    InputConnector,
    InputPlugin,
    Limits,
    Outcome,
    OutputConnector,
    OutputPlugin,
    Refusal,
    Secret,
    SegmentSummary,
    Ticket,
    poll,
)
from td_line_connectors.testing import FaultKind, HttpFarSide, MaacEmulator, StillClock, WireFault, signed_call
from td_line_connectors.transport import HttpClient, Json, RetryPolicy, UnexpectedAnswerError, UploadedFile


def host(rows: Iterable[Row], settings: Mapping[str, object], observer: Observer) -> int:
    registry = default_registry()
    assert_type(registry, Registry)
    runtime = Runtime(work_folder=Path("runs"))
    with closing(registry.output("line_via_crescendo").connect(settings, runtime)) as connector:
        try:
            report = export(rows, connector, runtime, observer=observer, guards=Guards(max_invalid=Percent(0.05)))
        except RunFailedError as error:
            report = error.report
        except ConfigError as error:
            assert_type(error.issues, tuple[ValidationIssue, ...])
            return error.exit_code
    assert_type(report, RunReport)
    assert_type(report.rows, RowCounts)
    assert_type(report.tasks, Sequence[TaskReport])
    return report.exit_code


def a_query() -> Result:
    return Result(("line_uid",), iter([("U0",)]), total=1)


def take(body: bytes, headers: Mapping[str, str]) -> Delivery | Row:
    connector: InputConnector = default_registry().input("line_oa_streaming").connect({"channel_secret": "x"})
    try:
        return connector.receive(body, headers, datetime.now(UTC))
    except SignatureError:
        raise
    except PayloadError as error:
        return error.raw


async def mounted(folder: Path) -> None:
    with receiving(folder, environ=os.environ) as application:
        assert_type(application, Receiver)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    token: Secret = field(repr=False)
    kind: str
    note: str | None


class Person(NamedTuple):
    line_uid: str
    name: str | None


PARAMETERS = ParameterSchema(
    into=Config,
    parameters=(
        Parameter(name="token", label="Token", help="A token.", type=SECRET, required=True, place=Place.EITHER),
        Parameter(name="kind", label="Kind", help="Which kind.", type=choice("a", "b"), required=True),
        Parameter(name="note", label="Note", help="Some words.", type=TEXT),
    ),
)

ROWS = RowSchema(
    into=Person,
    columns=(
        Column(name="line_uid", validate=validators.line_uid, help="The LINE user id.", required=True),
        Column(name="name", validate=validators.text(max_length=20), help="The name."),
    ),
)


class Output(OutputConnector[Person]):
    name = "example"
    data_object = "people"
    rows = ROWS
    limits = Limits(rows=1000, bytes=1_000_000)
    account = "example"

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self.runtime = runtime
        self.http = HttpClient(
            "https://example.com",
            config.token,
            timeout=30.0,
            retry=RetryPolicy(attempts=3),
            sleep=runtime.sleep,
            monotonic=runtime.monotonic,
            random=runtime.random,
            now=runtime.now,
        )

    def key(self, record: Person) -> str:
        return record.line_uid

    def encode(self, records: Sequence[Person]) -> bytes:
        return "\n".join(record.line_uid for record in records).encode()

    def submit(self, body: bytes) -> Ticket:
        files = {"file": UploadedFile("people.txt", body, "text/plain")}
        return self.http.send_multipart("PUT", "/people", {}, files, repeatable=False, read=read_ticket)

    def settle(self, ticket: Ticket) -> Outcome:
        done = poll(
            lambda: self.http.get_json(f"/jobs/{ticket}", read=read_ticket),
            lambda answer: answer != "open",
            interval=1.0,
            within=60.0,
            runtime=self.runtime,
        )
        assert_type(done, str | None)
        if done is None:
            return Outcome(refused=Refusal("late", "It was not done in time."))
        return Outcome(written=1, segment=SegmentSummary(1, "people"), warnings=["a warning"])


def read_ticket(answer: Json) -> Ticket:
    if not isinstance(answer, dict):
        raise UnexpectedAnswerError("an object")
    return str(answer.get("id"))


PLUGIN = OutputPlugin(
    name="example", title="Example", parameters=PARAMETERS, columns={"people": ROWS.columns}, build=Output
)


class Input:
    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        raise PayloadError("no JSON", {"body": body.decode(), "time": int(received_at.timestamp()), **headers})


def build(config: Config) -> InputConnector:
    del config
    return Input()


INPUT = InputPlugin(
    name="input", title="Input", parameters=PARAMETERS, columns={}, signature_header="x-signature", build=build
)


def sorted_by_who_must_act(error: Exception) -> str:
    match error:
        case RefusedError():
            return f"they said no: {error.status}"
        case TransientError():
            return f"again, after {error.retry_after}"
        case UncertainError():
            return "look first"
        case ConfigError() | DataError():
            return ", ".join(f"{issue.field}: {issue.code}" for issue in error.issues)
        case _:
            raise error


def rehearsed(rows: Iterable[Row], folder: Path) -> dict[str, Any]:
    with MaacEmulator() as maac:
        assert_type(maac.url, str)
        report = export(rows, PLUGIN.connect({"token": maac.token}, StillClock().runtime(folder)))
    call = signed_call([{"type": "follow"}], "secret")
    assert_type(call.body, bytes)
    return dict(report.to_json())


class FarSide(HttpFarSide):
    def __init__(self) -> None:
        super().__init__(faults=[WireFault(FaultKind.SLOW, seconds=1.0)])
