"""A plain caller of the emulator, and a clock that tests move by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Self

from td_line_connectors.testing import MaacEmulator

IMPORT = "/openapi/v1/member/import/"
SEGMENT = "/openapi/v1/segment/"
CUSTOM_SEGMENT = "/openapi/v1/custom_segment/"


def uid(number: int) -> str:
    return f"U{number:032x}"


@dataclass
class HandClock:
    """Epoch seconds that stand still until they are moved."""

    at: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


@dataclass(frozen=True)
class Got:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class MaacClient:
    """One keep-alive connection to an emulator."""

    maac: MaacEmulator
    token: str = "emulated-token"
    timeout: float = 10.0
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        host, _, port = self.maac.url.removeprefix("http://").rpartition(":")
        self.connection = HTTPConnection(host, int(port), timeout=self.timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Got:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", **fields})
            answer = self.connection.getresponse()
            return Got(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
        except BaseException:
            self.connection.close()
            raise

    def get(self, path: str) -> Got:
        return self.call("GET", path)

    def post_json(self, path: str, document: object) -> Got:
        return self.call("POST", path, json.dumps(document).encode(), Content_Type="application/json")

    def start(self, data: Sequence[Mapping[str, Any]], import_key: str = "line_uid", tags: Iterable[str] = ()) -> Got:
        return self.post_json(IMPORT, {"import_key": import_key, "data": data, "tags": list(tags)})

    def task(self, number: int) -> Any:
        return self.get(f"{IMPORT}{number}/").json

    def result(self, *data: Mapping[str, Any], import_key: str = "line_uid", tags: Iterable[str] = ()) -> Any:
        """Import, and give the result of the task; for emulators whose imports take no time."""
        return self.task(self.start(data, import_key, tags).json["id"])["result"]

    def upload(self, method: str, path: str, file: bytes | None = None, **fields: str) -> Got:
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in fields.items()
        ]
        if file is not None:
            parts.append(b'Content-Disposition: form-data; name="file"; filename="uids.csv"\r\n\r\n' + file)
        body = b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"
        return self.call(method, path, body, Content_Type="multipart/form-data; boundary=frontier")


def uid_csv(numbers: Iterable[int]) -> bytes:
    return "".join(["line_uid\r\n", *(f"{uid(number)}\r\n" for number in numbers)]).encode()
