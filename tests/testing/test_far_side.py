"""A far side of one's own listens, fails as told, and counts."""

import json
import socket
import urllib.error
import urllib.request

import pytest

from td_line_connectors.testing import (
    Answer,
    FaultKind,
    HttpFarSide,
    Request,
    RequestRefusedError,
    StillClock,
    WireFault,
    json_answer,
)


class Echo(HttpFarSide):
    """Gives back what it is sent; `/no` it refuses."""

    def __init__(self, *faults: WireFault) -> None:
        super().__init__(faults=faults)
        self.bodies: list[bytes] = []

    def answer(self, request: Request) -> Answer:
        if request.path == "/no":
            raise RequestRefusedError(404, "nothing there", {"X-Why": "no"}, {"code": 17})
        self.bodies.append(request.body)
        return json_answer(200, {"said": request.body.decode()})


def post(far_side: Echo, body: bytes = b"hello", path: str = "/") -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(far_side.url + path, body), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_it_answers_and_writes_the_call_down() -> None:
    with Echo() as far_side:
        assert post(far_side) == (200, b'{"said": "hello"}')

        [call] = far_side.calls
        assert (call.method, call.path, call.status, call.size) == ("POST", "/", 200, 5)


def test_a_refusal_is_answered_with_its_status_and_details() -> None:
    with Echo() as far_side:
        status, body = post(far_side, path="/no")

    assert (status, json.loads(body)) == (404, {"error": "nothing there", "code": 17})


@pytest.mark.parametrize(
    ("fault", "status", "acted"),
    [
        (WireFault(FaultKind.SERVER_ERROR, status=503), 503, False),
        (WireFault(FaultKind.SERVER_ERROR, acts=True), 500, True),
        (WireFault(FaultKind.RATE_LIMITED), 429, False),
        (WireFault(FaultKind.REFUSED), 401, False),
        (WireFault(FaultKind.GARBAGE, acts=True), 200, True),
    ],
    ids=["503", "500 that acted", "429", "401", "garbage that acted"],
)
def test_it_fails_as_told_once(fault: WireFault, status: int, acted: bool) -> None:  # noqa: FBT001 - the table's
    with Echo(fault) as far_side:
        assert post(far_side)[0] == status
        assert bool(far_side.bodies) == acted
        assert post(far_side)[0] == 200


def test_a_cut_line_is_cut_after_it_acted() -> None:
    with Echo(WireFault(FaultKind.CUT_AFTER)) as far_side:
        with pytest.raises((urllib.error.URLError, ConnectionError, socket.timeout)):
            post(far_side)

        assert far_side.bodies == [b"hello"]
        assert [call.status for call in far_side.calls] == [None]


def test_a_still_clock_moves_only_when_somebody_sleeps() -> None:
    clock = StillClock()
    runtime, before = clock.runtime(), (clock(), clock.now())

    assert (clock(), clock.now(), runtime.monotonic()) == (*before, before[0])
    runtime.sleep(90)
    assert (clock() - before[0], (runtime.now() - before[1]).total_seconds(), clock.slept) == (90, 90, [90])


def test_each_runtime_of_a_still_clock_has_a_quota_of_its_own() -> None:
    clock = StillClock()

    assert clock.runtime().quota is not clock.runtime().quota
