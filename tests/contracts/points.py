"""A sound connector that fits on a page, and its far side: points for customers, which a repeated request doubles."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from td_line_connectors import Secret, validators
from td_line_connectors.schema import ENDPOINT, SECONDS, SECRET, Column, Parameter, ParameterSchema, Place, RowSchema
from td_line_connectors.spi import Limits, Outcome, OutputConnector, OutputPlugin, Runtime, Ticket
from td_line_connectors.testing import Answer, HttpFarSide, Request, RequestRefusedError, json_answer
from td_line_connectors.transport import HttpClient, Json, RetryPolicy, UnexpectedAnswerError


class Points(NamedTuple):
    customer: str
    points: int
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    api_token: Secret = field(repr=False)
    endpoint: str
    request_timeout: float


PARAMETERS: Final = ParameterSchema(
    into=Config,
    parameters=(
        Parameter(name="api_token", label="Token", help="The access token.", type=SECRET, required=True),
        Parameter(
            name="endpoint",
            label="Endpoint",
            help="The far side's URL.",
            type=ENDPOINT,
            required=True,
            place=Place.CONNECTION,
            beside="api_token",
        ),
        Parameter(
            name="request_timeout",
            label="Timeout",
            help="Seconds that one call may take.",
            type=SECONDS,
            default=30.0,
        ),
    ),
)

ROWS: Final = RowSchema(
    into=Points,
    columns=(
        Column(name="customer", validate=validators.text(max_length=40), help="The customer's id.", required=True),
        Column(
            name="points", validate=validators.integer(1, 1000), help="Points to add.", type="number", required=True
        ),
        Column(name="note", validate=validators.text(max_length=100), help="What for; the last one stays."),
    ),
)


class PointsOutput(OutputConnector[Points]):
    """Adds points. The same request sent twice adds them twice, so that it is looked for before it is repeated."""

    name = "points"
    data_object = "points"
    rows = ROWS
    limits = Limits(rows=1000, bytes=1_000_000)

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self.config = config
        self.runtime = runtime
        self.account = hashlib.sha256(f"{config.endpoint}\n{config.api_token.reveal()}".encode()).hexdigest()
        self.http = HttpClient(
            config.endpoint,
            config.api_token,
            timeout=config.request_timeout,
            retry=RetryPolicy(),
            now=runtime.now,
            monotonic=runtime.monotonic,
            sleep=runtime.sleep,
            random=runtime.random,
        )

    def key(self, record: Points) -> str:
        return record.customer

    def merge(self, earlier: Points, later: Points) -> Points | None:
        """Add the points up."""
        return Points(later.customer, earlier.points + later.points, later.note or earlier.note)

    def encode(self, records: Sequence[Points]) -> bytes:
        return json.dumps([record._asdict() for record in records]).encode()

    def submit(self, body: bytes) -> Ticket:
        return self.http.post_json("/points", body, repeatable=False, retry=RetryPolicy(attempts=1), read=_ticket)

    def find(self, body: bytes) -> Ticket | None:
        return self.http.get_json(
            "/points", {"digest": digest(body)}, read=lambda each: _ticket(each) if each else None
        )

    def settle(self, ticket: Ticket) -> Outcome:
        return Outcome(written=json.loads(ticket)["taken"])

    def close(self) -> None:
        self.http.close()


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _ticket(answer: Json) -> Ticket:
    if not isinstance(answer, dict) or not isinstance(answer.get("taken"), int):
        raise UnexpectedAnswerError("a number in `taken`")
    return json.dumps({"taken": answer["taken"]})


def plugin(
    output: type[PointsOutput] = PointsOutput, parameters: ParameterSchema[Any] = PARAMETERS
) -> OutputPlugin[Any]:
    return OutputPlugin(
        name="points", title="Points", parameters=parameters, columns={"points": ROWS.columns}, build=output
    )


class PointsFarSide(HttpFarSide):
    """Keeps everybody's points, and which requests it has taken."""

    token = "tok-5ecret-9Zq"

    def __init__(self) -> None:
        super().__init__()
        self.customers: dict[str, tuple[int, str | None]] = {}
        self.taken: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise RequestRefusedError(401, "not authorised")
        if request.method == "GET":
            found = self.taken.get(request.query.removeprefix("digest="))
            return json_answer(200, {"taken": found} if found is not None else {})
        entries = json.loads(request.body)
        for entry in entries:
            points, note = self.customers.get(entry["customer"], (0, None))
            self.customers[entry["customer"]] = (points + entry["points"], entry["note"] or note)
        self.taken[digest(request.body)] = len(entries)
        return json_answer(200, {"taken": len(entries)})
