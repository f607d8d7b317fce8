"""A far side of one's own."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from enum import StrEnum
from threading import Lock

from td_line_connectors.testing.emulation.answers import Answer, Reply, Request, RequestRefusedError, json_answer
from td_line_connectors.testing.emulation.clock import steady_clock
from td_line_connectors.testing.emulation.emulator import Emulator
from td_line_connectors.testing.emulation.fault_plan import FaultPlan
from td_line_connectors.testing.emulation.faults import ANY, WireFault
from td_line_connectors.testing.emulation.spoiling import spoil

__all__ = ["HttpFarSide"]


class HttpFarSide(Emulator):
    """A far side to inherit, on a loopback address: write `answer`, and it listens, fails as told and counts calls.

    `with` serves `url` until the block ends.

    Args:
        faults: a plan, or the lines of a script; `on` is always `any`.
        host: the IPv4 address to listen on.
        port: the port; 0 takes a free one.
        now: gives epoch seconds; the emulator's own steady clock if left out.
    """

    def __init__(
        self,
        *,
        faults: FaultPlan | Iterable[WireFault] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.faults = faults if isinstance(faults, FaultPlan) else FaultPlan(faults)
        self._turn = Lock()
        super().__init__("far-side", host, port, now or steady_clock())

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Do what a request asks for, and answer it. One request at a time.

        Args:
            request: the request, read whole.

        Raises:
            RequestRefusedError: the request is answered with this status.
        """

    def _answer(self, request: Request) -> tuple[StrEnum | None, Reply]:
        fault = self.faults.take(ANY)

        def act() -> Answer:
            try:
                with self._turn:
                    return self.answer(request)
            except RequestRefusedError as refused:
                return self._refuse(refused)

        return None, spoil(fault, act, self._now(), self._refuse) if fault else Reply(act())

    def _refuse(self, refused: RequestRefusedError) -> Answer:
        return json_answer(
            refused.status, {"error": refused.detail, **(refused.details or {})}, headers=refused.headers
        )
