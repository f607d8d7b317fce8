"""MAAC, for rehearsals."""

from collections.abc import Callable, Iterable
from threading import Event
from types import TracebackType
from typing import Final, NamedTuple, Self

from td_line_connectors.testing.maac.account import Account
from td_line_connectors.testing.maac.answers import Answer, Reply, Request, RequestRefusedError, refused_answer
from td_line_connectors.testing.maac.api import carry_out
from td_line_connectors.testing.maac.fault_plan import FaultPlan
from td_line_connectors.testing.maac.faults import Fault, FaultKind
from td_line_connectors.testing.maac.routes import Operation, find_route
from td_line_connectors.testing.maac.spoiling import spoil
from td_line_connectors.testing.maac.tasks import Violation
from td_line_connectors.testing.maac.tempo import Tempo, steady_clock
from td_line_connectors.testing.maac.wire import HttpServer

__all__ = ["DEFAULT_TOKEN", "Call", "MaacEmulator"]

DEFAULT_TOKEN: Final = "emulated-token"  # noqa: S105 - it opens nothing but an emulator
_BEARER: Final = "Bearer "


class Call(NamedTuple):
    """One call that was answered, or cut.

    Attributes:
        method: the HTTP method.
        path: the path with its query, as written.
        status: of the answer; None if the caller got no whole one.
        at: epoch seconds at which the call was read whole.
        operation: what it meant; None for a path, method or token that the emulator does not know.
        fault: what befell it.
    """

    method: str
    path: str
    status: int | None
    at: float
    operation: Operation | None = None
    fault: FaultKind | None = None


class MaacEmulator:
    """An honest MAAC on a loopback address.

    `with MaacEmulator() as maac:` serves `maac.url` until the block ends. Stopped and started again, it keeps its
    accounts and its port.

    Args:
        token: opens the first account.
        host: the IPv4 address to listen on.
        port: the port; 0 takes a free one.
        faults: a plan, or the lines of a script.
        task_seconds: how long an import takes.
        segment_seconds: how long a segment is being prepared.
        time_scale: how many times faster than life: divides the quota's minute and the durations above.
        now: gives epoch seconds; the emulator's own steady clock if left out.
    """

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | Iterable[Fault] = (),
        task_seconds: float = 0.5,
        segment_seconds: float = 0.5,
        time_scale: float = 1.0,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.token = token
        self.faults = faults if isinstance(faults, FaultPlan) else FaultPlan(faults)
        self._tempo = Tempo(now or steady_clock(), time_scale, task_seconds, segment_seconds)
        self._address = (host, port)
        self._accounts: dict[str, Account] = {}
        self._calls: list[Call] = []
        self._server: HttpServer | None = None
        self._stopped = Event()
        self.add_account(token)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and serve from threads of its own. Started already: nothing.

        Raises:
            OSError: the address cannot be listened on.
        """
        if self._server is None:
            self._server = HttpServer(self._address, self._respond)
            self._address = (self._address[0], self._server.server_address[1])
            self._stopped.clear()
            self._server.start()

    def stop(self) -> None:
        """Close every connection and stop listening; a second time: nothing."""
        if self._server is not None:
            server, self._server = self._server, None
            server.stop()
            self._stopped.set()

    def serve_forever(self) -> None:
        """Serve until `stop` is called from elsewhere, or this thread is interrupted."""
        self.start()
        try:
            self._stopped.wait()
        finally:
            self.stop()

    @property
    def url(self) -> str:
        """The endpoint: scheme, host and port."""
        if not self._address[1]:
            raise RuntimeError("the emulator has no port yet: start it first")
        host, port = self._address
        return f"http://{host}:{port}"

    def add_account(
        self,
        token: str,
        *,
        region: str = "tw",
        blocked: Iterable[str] = (),
        friends: Iterable[str] | None = None,
        refuse_mobiles: Iterable[str] = (),
        forbidden: bool = False,
        segment_limit: int = 30,
    ) -> Account:
        """Open a further account; its rules are those of `Account`."""
        account = Account(
            token,
            self._tempo,
            region=region,
            blocked=set(blocked),
            friends=None if friends is None else set(friends),
            refuse_mobiles=set(refuse_mobiles),
            forbidden=forbidden,
            segment_limit=segment_limit,
        )
        self._accounts[token] = account
        return account

    def account(self, token: str | None = None) -> Account:
        """Give the account that a token opens; the first one if left out.

        Raises:
            KeyError: no account has that token.
        """
        return self._accounts[self.token if token is None else token]

    @property
    def calls(self) -> list[Call]:
        """Every call so far, in the order of their answers."""
        return list(self._calls)

    @property
    def violations(self) -> list[Violation]:
        """The limits that callers did not keep, in the order of time."""
        accounts = list(self._accounts.values())
        return sorted((found for account in accounts for found in account.violations), key=lambda found: found.at)

    @property
    def imports_in_flight_max(self) -> int:
        """The most imports that any account ever had in flight, the refused ones with them."""
        return max(account.desk.in_flight_max for account in list(self._accounts.values()))

    def _respond(self, request: Request) -> Reply:
        at = self._tempo.now()
        operation: Operation | None = None
        try:
            operation, account, number = self._admit(request)
        except RequestRefusedError as refused:
            reply = Reply(refused_answer(refused))
        else:
            reply = self._carry_out(operation, account, request, number)
        path = f"{request.path}?{request.query}" if request.query else request.path
        status = reply.answer.status if reply.answer is not None and reply.whole else None
        fault = reply.spoilt_by.kind if reply.spoilt_by else None
        self._calls.append(Call(request.method, path, status, at, operation, fault))
        return reply

    def _admit(self, request: Request) -> tuple[Operation, Account, int]:
        """Find what a request asks for and whose it is."""
        route = find_route(request.path)
        if route is None:
            raise RequestRefusedError(404, "no such resource")
        credentials = request.headers.get("authorization", "")
        account = self._accounts.get(credentials.removeprefix(_BEARER)) if credentials.startswith(_BEARER) else None
        if account is None:
            raise RequestRefusedError(401, "not authorised", {"WWW-Authenticate": "Bearer"})
        if account.forbidden:
            raise RequestRefusedError(403, "forbidden")
        if request.method not in route.operations:
            raise RequestRefusedError(405, "method not allowed", {"Allow": ", ".join(route.operations)})
        return route.operations[request.method], account, route.id

    def _carry_out(self, operation: Operation, account: Account, request: Request, number: int) -> Reply:
        """Let a call take its course, or the course that a fault has for it."""
        fault = self.faults.take(operation)
        honest: list[Answer] = []

        def act() -> Answer:
            honest.append(carry_out(operation, account, request, number, fault))
            return honest[0]

        reply = spoil(fault, act, self._tempo.now()) if fault else Reply(act())
        told = reply.whole and not reply.wait and any(reply.answer is answer for answer in honest)
        if honest and honest[0].task is not None:
            honest[0].task.announced = told
        return reply
