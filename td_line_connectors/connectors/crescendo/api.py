"""MAAC's own words, one method a call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from td_line_connectors.report import SegmentSummary
from td_line_connectors.transport.http import HttpClient, Json, UnexpectedAnswerError, UploadedFile
from td_line_connectors.transport.retry import RetryPolicy

__all__ = ["CUSTOM", "ImportTask", "MaacApi", "Segment"]

IMPORT: Final = "/openapi/v1/member/import/"
SEGMENT: Final = "/openapi/v1/segment/"
CUSTOM_SEGMENT: Final = "/openapi/v1/custom_segment/"

ONCE: Final = RetryPolicy(attempts=1)
"""For calls that the engine itself tries again: each try is a start in the quota, and a line in the journal."""

CUSTOM: Final = 2
"""`segment_type` of a custom list; 1 is an ordinary segment, made of tags."""
READY: Final = 2
"""`status` of a segment that MAAC has finished counting; 1 is preparing."""


@dataclass(frozen=True, slots=True)
class ImportTask:
    """How a member import stands.

    Attributes:
        done: whether MAAC has finished; until then there is no result.
        result: MAAC's `result` object, empty while there is none.
    """

    done: bool
    result: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as MAAC lists it; the attributes are MAAC's own."""

    id: int
    name: str
    segment_type: int
    member_count: int
    status: int

    @property
    def ready(self) -> bool:
        """Whether `member_count` can be believed."""
        return self.status == READY and self.member_count >= 0

    @property
    def summary(self) -> SegmentSummary:
        """The segment as a report shows it."""
        return SegmentSummary(self.id, self.name, self.member_count if self.ready else None)


class MaacApi:
    """The calls of MAAC's Open API (document 1.1.48) that the exports need.

    Args:
        http: a client of MAAC's host, with the account's token.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def start_import(self, body: bytes) -> int:
        """Start a member import and give the id of its task. One try; the same body may be sent again."""
        return self._http.post_json(IMPORT, body, repeatable=True, retry=ONCE, read=_task_id)

    def import_task(self, task_id: int) -> ImportTask:
        """Ask how a member import stands."""
        return self._http.get_json(f"{IMPORT}{task_id}/", read=_import_task)

    def segments(self, name: str) -> Iterator[Segment]:
        """Give the segments that MAAC lists for `name`, over all pages; whether it compares exactly is unpublished."""
        start: str | None = None
        seen: set[str] = set()
        while True:
            query = {"name": name} | ({"start": start} if start is not None else {})
            page, start = self._http.get_json(SEGMENT, query=query, read=_segment_page)
            yield from page
            if start is None or start in seen:  # a page that names itself as the next would never end
                return
            seen.add(start)

    def segment(self, segment_id: int) -> Segment:
        """Ask for one segment."""
        return self._http.get_json(f"{SEGMENT}{segment_id}/", read=_segment)

    def create_segment(self, name: str, description: str | None, csv: bytes) -> Segment:
        """Make a custom segment from a CSV of LINE UIDs. One try; sent twice, it makes two.

        Raises:
            UncertainError: if MAAC may have made it.
        """
        fields = {"name": name} | ({"description": description} if description else {})
        return self._http.send_multipart(
            "POST",
            CUSTOM_SEGMENT,
            fields=fields,
            files={"file": _file(csv)},
            repeatable=False,
            retry=ONCE,
            read=_segment,
        )

    def replace_segment(self, segment_id: int, description: str | None, csv: bytes) -> Segment:
        """Give a custom segment a new list, and a new description if one is given. One try; it may be repeated."""
        fields = {"description": description} if description else {}
        path = f"{CUSTOM_SEGMENT}{segment_id}/"
        return self._http.send_multipart(
            "PATCH", path, fields=fields, files={"file": _file(csv)}, repeatable=True, retry=ONCE, read=_segment
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


def _file(csv: bytes) -> UploadedFile:
    return UploadedFile("line_uid.csv", csv, "text/csv")


def _object(answer: Json) -> Mapping[str, Json]:
    if not isinstance(answer, dict):
        raise UnexpectedAnswerError("an object")
    return answer


def _whole_number(answer: Mapping[str, Json], name: str) -> int:
    value = answer.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnexpectedAnswerError(f"a whole number in `{name}`")
    return value


def _task_id(answer: Json) -> int:
    return _whole_number(_object(answer), "id")


def _import_task(answer: Json) -> ImportTask:
    task = _object(answer)
    if not isinstance(task.get("status"), str):
        raise UnexpectedAnswerError("a text in `status`")
    done = task["status"] == "done"
    return ImportTask(done, _object(task.get("result")) if done else {})


def _segment(answer: Json) -> Segment:
    segment = _object(answer)
    name = segment.get("name")
    if not isinstance(name, str):
        raise UnexpectedAnswerError("a text in `name`")
    numbers = [_whole_number(segment, each) for each in ("id", "segment_type", "member_count", "status")]
    return Segment(numbers[0], name, *numbers[1:])


def _segment_page(answer: Json) -> tuple[list[Segment], str | None]:
    page = _object(answer)
    listed = page.get("results", page.get("data", page.get("segments")))
    if not isinstance(listed, list):
        raise UnexpectedAnswerError("a list of segments")
    following = page.get("next")
    return [_segment(each) for each in listed], None if following is None else str(following)
