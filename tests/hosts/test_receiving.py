"""LINE's calls, received within other people's applications."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from werkzeug.serving import make_server

from examples.hosts import fastapi_application, flask_application
from examples.hosts.lambda_handler import make_handler
from td_line_connectors.testing import SignedCall, signed_call
from tests.server.conftest import SECRET, signed
from tests.server.project import Receiver, databases, make_project, make_source

BODY = b'{"destination":"Ub","events":[{"type":"follow","webhookEventId":"01JD0000000000000000000000"}]}'


@contextmanager
def served_by_uvicorn(folder: Path) -> Iterator[Receiver]:
    config = uvicorn.Config(fastapi_application.application(folder), port=0, log_config=None)
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]  # only a main thread has signals
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield Receiver(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def served_by_werkzeug(folder: Path) -> Iterator[Receiver]:
    with flask_application.application(folder) as app:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Receiver(f"127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


HOSTS: dict[str, Callable[[Path], Any]] = {"FastAPI": served_by_uvicorn, "Flask": served_by_werkzeug}

in_each = pytest.mark.parametrize("serve", HOSTS.values(), ids=HOSTS)


@in_each
def test_a_call_is_stored_before_it_is_answered(serve: Callable[[Path], Any], tmp_path: Path) -> None:
    project = make_project(tmp_path)
    source = make_source(project)
    with serve(tmp_path) as host:
        status = host.call(f"/line/v1/task/{source.id}", BODY)
        rows = list(databases(project).query("line", "SELECT event_type FROM events").rows)

    assert (status, rows) == (200, [("follow",)])


@in_each
def test_the_rest_of_the_application_is_as_it_was(serve: Callable[[Path], Any], tmp_path: Path) -> None:
    make_project(tmp_path)
    with serve(tmp_path) as host:
        status, page = host.get("/")

    assert (status, json.loads(page)) == (200, {"shop": "open"})


@in_each
def test_what_is_not_signed_is_turned_away(serve: Callable[[Path], Any], tmp_path: Path) -> None:
    project = make_project(tmp_path)
    path = f"/line/v1/task/{make_source(project).id}"
    with serve(tmp_path) as host:
        answers = [
            host.call(path, BODY, "wrong"),
            host.request("POST", path, BODY)[0],
            host.call("/line/v1/task/x", BODY),
        ]

    assert answers == [401, 401, 404]
    assert databases(project).columns("line", "events") == ()


def called(call: SignedCall | None = None, *, encoded: bool = False) -> dict[str, Any]:
    """Give the event with which a function URL calls a Lambda."""
    body = call.body if call else BODY
    text = base64.b64encode(body).decode() if encoded else body.decode()
    return {"headers": call.headers if call else signed(BODY), "body": text, "isBase64Encoded": encoded}


@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_the_lambda_answers_when_the_queue_has_the_call(encoded: bool) -> None:  # noqa: FBT001 - the table's column
    queue: list[str] = []
    call = signed_call(BODY, SECRET)
    moment = datetime(2026, 1, 2, tzinfo=UTC)

    answer = make_handler(SECRET, queue.append, lambda: moment)(called(call, encoded=encoded), None)

    [message] = map(json.loads, queue)
    assert answer == {"statusCode": 200}
    assert message["raw"]["body"] == BODY.decode()
    assert [(each["event_type"], each["time"]) for each in message["events"]] == [("follow", moment.timestamp())]


def test_the_lambda_keeps_nothing_of_a_forged_call() -> None:
    queue: list[str] = []

    answer = make_handler("another secret", queue.append)(called(), None)

    assert (answer, queue) == ({"statusCode": 401}, [])


def test_the_lambda_keeps_a_signed_call_that_is_no_json() -> None:
    queue: list[str] = []

    answer = make_handler(SECRET, queue.append)(called(signed_call(b"no json", SECRET)), None)

    assert answer == {"statusCode": 400}
    assert json.loads(queue[0])["raw"]["body"] == "no json"


def test_the_lambda_never_answers_200_for_a_call_that_the_queue_did_not_take() -> None:
    def put(_: str) -> None:
        raise TimeoutError

    answer = make_handler(SECRET, put)(called(), None)

    assert answer["statusCode"] == 503
