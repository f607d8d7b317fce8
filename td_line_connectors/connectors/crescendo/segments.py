"""Rows become the list of a custom segment."""

import json
from collections.abc import Sequence

from td_line_connectors.connectors.crescendo.api import CUSTOM, MaacApi, Segment
from td_line_connectors.connectors.crescendo.records import SegmentMember, segment_schema
from td_line_connectors.connectors.crescendo.settings import CrescendoConfig
from td_line_connectors.errors import ConfigError, RemoteError
from td_line_connectors.report import SegmentSummary
from td_line_connectors.spi import Limits, Outcome, OutputConnector, Runtime, Ticket, poll

__all__ = ["SegmentsOutput"]

HEADER = b"line_uid\n"


class SegmentsOutput(OutputConnector[SegmentMember]):
    """The upload of one list: a new custom segment, or the new list of one that exists.

    Args:
        config: typed settings with `data_object` segments.
        api: MAAC's calls.
        account: the account's name.
        runtime: clock and sleep for polling.
    """

    name = "line_via_crescendo"
    data_object = "segments"
    repeatable = False  # a creation sent twice makes two segments
    replaces = True  # a segment's list is uploaded as a whole

    def __init__(self, config: CrescendoConfig, api: MaacApi, account: str, runtime: Runtime) -> None:
        assert config.segment_name is not None, "the schema requires a segment name for segments"
        self.rows = segment_schema()
        self.limits = Limits(rows=300_000, bytes=25_000_000, overflow="refuse", minimum=1)
        self.account = account
        self.skip_invalid = config.skip_invalid_records
        self._config = config
        self._name = config.segment_name
        self._api = api
        self._runtime = runtime
        self._prepared = False
        self._existing: Segment | None = None

    def key(self, record: SegmentMember) -> str:
        """Give the LINE UID."""
        return record.line_uid

    def encode(self, records: Sequence[SegmentMember]) -> bytes:
        """Give the CSV: the column `line_uid`, a line for each person."""
        return HEADER + "".join(f"{record.line_uid}\n" for record in records).encode()

    def prepare(self) -> SegmentSummary:
        """Look for segments of exactly this name and judge whether the settings allow what would be done.

        Returns:
            the segment whose list would be replaced; one without an id where one would be made.

        Raises:
            ConfigError: if it exists and may not be replaced, or is not one custom segment.
        """
        self._judge(self._namesakes())
        return self._existing.summary if self._existing else SegmentSummary(None, self._name)

    def submit(self, body: bytes) -> Ticket:
        """Upload the list, having looked whether it may be."""
        if not self._prepared:
            self.prepare()
        description = self._config.segment_description
        if self._existing:
            segment = self._api.replace_segment(self._existing.id, description, body)
        else:
            segment = self._api.create_segment(self._name, description, body)
        return self._ticket(segment, body)

    def find(self, body: bytes) -> Ticket | None:
        """Look whether an unclear upload took effect.

        Where existing segments may not be replaced, there was none of this name before the first attempt, so one
        that is there now is ours. Where they may, the upload is simply judged and made anew: replacing a list with
        itself changes nothing.
        """
        found = self._namesakes()
        ours = [] if self._config.update_segment else [each for each in found if each.segment_type == CUSTOM]
        if ours:
            return self._ticket(ours[0], body)
        self._judge(found)
        return None

    def settle(self, ticket: Ticket) -> Outcome:
        """Wait until MAAC has counted the segment's people; the accepted list is written whether it has or not."""
        accepted = json.loads(ticket)
        segment_id, rows = int(accepted["segment"]), int(accepted["rows"])
        unknown = SegmentSummary(segment_id, self._name, None)
        try:
            segment = poll(
                lambda: self._api.segment(segment_id),
                lambda answer: answer.ready,
                interval=self._config.poll_interval,
                within=self._config.task_timeout,
                runtime=self._runtime,
            )
        except RemoteError as error:
            warning = f"the list was accepted, but MAAC could not be asked for its member count: {error}"
            return Outcome(written=rows, segment=unknown, warnings=[warning])
        if segment is None:
            waited = f"{self._config.task_timeout:g} s"
            warning = f"the list was accepted, but MAAC had not counted the segment's members after {waited}"
            return Outcome(written=rows, segment=unknown, warnings=[warning])
        return Outcome(written=rows, segment=segment.summary)

    def check(self) -> None:
        """Try the token with the cheapest call there is."""
        next(self._api.segments(self._name), None)

    def close(self) -> None:
        """Let go of the connection."""
        self._api.close()

    def _namesakes(self) -> list[Segment]:
        """Give the segments of exactly this name."""
        return [each for each in self._api.segments(self._name) if each.name == self._name]

    def _judge(self, found: Sequence[Segment]) -> None:
        """Judge whether the settings allow what would be done, given the segments of this name."""
        ids = ", ".join(str(each.id) for each in found)
        if found and not self._config.update_segment:
            message = f"the segment exists already (id {ids}): choose another name, or set `update_segment: true`"
            raise ConfigError.of("segment_name", "segment_exists", message)
        if any(each.segment_type != CUSTOM for each in found):
            message = (
                f"an ordinary segment has this name (id {ids}): only custom lists can be replaced; choose another name"
            )
            raise ConfigError.of("segment_name", "ordinary_segment", message)
        if len(found) > 1:
            message = f"{len(found)} custom segments have this name (ids {ids}): rename or delete all but one in MAAC"
            raise ConfigError.of("segment_name", "ambiguous_segment", message)
        self._prepared = True
        self._existing = found[0] if found else None

    @staticmethod
    def _ticket(segment: Segment, body: bytes) -> Ticket:
        return json.dumps({"segment": segment.id, "rows": body.count(b"\n") - 1})
