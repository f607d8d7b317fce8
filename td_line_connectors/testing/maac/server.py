"""MAAC, for rehearsals."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from td_line_connectors.testing.emulation.answers import Answer, Reply, Request, RequestRefusedError
from td_line_connectors.testing.emulation.clock import steady_clock
from td_line_connectors.testing.emulation.emulator import Emulator
from td_line_connectors.testing.emulation.fault_plan import FaultPlan
from td_line_connectors.testing.emulation.faults import WireFault
from td_line_connectors.testing.emulation.spoiling import spoil
from td_line_connectors.testing.emulation.violations import Violation
from td_line_connectors.testing.maac.account import Account
from td_line_connectors.testing.maac.answers import refused_answer
from td_line_connectors.testing.maac.api import carry_out
from td_line_connectors.testing.maac.routes import Operation, find_route
from td_line_connectors.testing.maac.tempo import Tempo

__all__ = ["DEFAULT_TOKEN", "MaacEmulator"]

DEFAULT_TOKEN: Final = "emulated-token"  # noqa: S105 - it opens nothing but an emulator
_BEARER: Final = "Bearer "


class MaacEmulator(Emulator):
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
        faults: FaultPlan | Iterable[WireFault] = (),
        task_seconds: float = 0.5,
        segment_seconds: float = 0.5,
        time_scale: float = 1.0,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.token = token
        self.faults = faults if isinstance(faults, FaultPlan) else FaultPlan(faults)
        self._tempo = Tempo(now or steady_clock(), time_scale, task_seconds, segment_seconds)
        self._accounts: dict[str, Account] = {}
        super().__init__("maac-emulator", host, port, self._tempo.now)
        self.add_account(token)

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
        """Open a further account.

        Args:
            token: opens it.
            region: `tw` or `jp`.
            blocked: the keys of people who have blocked it.
            friends: the keys of its friends; None: everybody.
            refuse_mobiles: numbers in E.164 that MAAC refuses though their shape is right.
            forbidden: answer every call with 403.
            segment_limit: how many segments it may have.
        """
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
    def violations(self) -> list[Violation]:
        """The limits that callers did not keep, in the order of time."""
        accounts = list(self._accounts.values())
        return sorted((found for account in accounts for found in account.violations), key=lambda found: found.at)

    @property
    def imports_in_flight_max(self) -> int:
        """The most imports that any account ever had in flight, the refused ones with them."""
        return max(account.desk.in_flight_max for account in list(self._accounts.values()))

    def _answer(self, request: Request) -> tuple[StrEnum | None, Reply]:
        try:
            operation, account, number = self._admit(request)
        except RequestRefusedError as refused:
            return None, Reply(refused_answer(refused))
        return operation, self._carry_out(operation, account, request, number)

    def _refuse(self, refused: RequestRefusedError) -> Answer:
        return refused_answer(refused)

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

        reply = spoil(fault, act, self._tempo.now(), refused_answer) if fault else Reply(act())
        told = reply.whole and not reply.wait and any(reply.answer is answer for answer in honest)
        if honest and honest[0].delivered:
            honest[0].delivered(told)
        return reply
