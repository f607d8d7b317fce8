"""What we ask of other people's connectors, ours keep."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from td_line_connectors.connectors.crescendo.plugin import PLUGIN as LINE_VIA_CRESCENDO
from td_line_connectors.connectors.line_oa.connector import PLUGIN as LINE_OA_STREAMING
from td_line_connectors.plugins import BUILT_IN
from td_line_connectors.rows import Row
from td_line_connectors.sources.places import Places
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import EventTables
from td_line_connectors.testing import MaacEmulator, StillClock, Violation, signed_call
from td_line_connectors.testing.contracts import InputContract, OutputContract, StoreContract
from td_line_connectors.testing.contracts.declaration import DeclarationPromises
from td_line_connectors.treasure_data.connector import PLUGIN as TREASURE_DATA

CHANNEL_SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"


def uid(number: int) -> str:
    return f"U{number:032x}"


class Crescendo(OutputContract[MaacEmulator]):
    """What our outputs have in common."""

    plugin = LINE_VIA_CRESCENDO
    object_settings: Mapping[str, object]

    def far_side(self, clock: StillClock) -> MaacEmulator:
        return MaacEmulator(now=clock, task_seconds=1, segment_seconds=1)

    def settings(self, far_side: MaacEmulator) -> Mapping[str, object]:
        reach = {"api_token": far_side.token, "endpoint": far_side.url, "request_timeout": 1.0}
        return {**reach, **self.object_settings}

    def broken_limits(self, far_side: MaacEmulator) -> Sequence[Violation]:
        return far_side.violations


class TestMembers(Crescendo):
    object_settings = MappingProxyType({"data_object": "members", "import_key": "line_uid", "tags": "import"})
    personal = ("line_uid", "line_display_name", "email", "mobile", "customer_id")
    good_rows = (
        {"line_uid": uid(0xA11CE), "line_display_name": "Alice Abernathy", "gender": "female", "tags": "vip,tea"},
        {"line_uid": uid(0xB0B), "email": "Bob.Brown@Example.COM", "birthday": "1985-04-06"},
        {"line_uid": uid(0xA11CE), "mobile": "0912-345-678", "customer_id": 4711001.0, "tags": "tea,coffee"},
    )
    bad_rows = (
        {"line_uid": uid(0xCA51), "email": "carl at example.com", "mobile": "0912-345"},
        {"line_uid": "Uabcdef-no-uid", "birthday": "1985"},
    )

    def held(self, far_side: MaacEmulator) -> object:
        return [{**member, "tags": sorted(member["tags"])} for member in far_side.account().members]


class TestNewSegment(Crescendo):
    object_settings = MappingProxyType(
        {"data_object": "segments", "segment_name": "VIP", "segment_description": "Our best"}
    )
    personal = ("line_uid",)
    good_rows = ({"line_uid": uid(0xA11CE)}, {"line_uid": uid(0xB0B)}, {"line_uid": uid(0xA11CE)})
    bad_rows = ({"line_uid": "Uabcdef-no-uid"}, {"line_uid": None})

    def held(self, far_side: MaacEmulator) -> object:
        return [(each.name, each.description, list(each.uids)) for each in far_side.account().segments]


class TestReplacedSegment(TestNewSegment):
    object_settings = MappingProxyType({"data_object": "segments", "segment_name": "VIP", "update_segment": True})

    def far_side(self, clock: StillClock) -> MaacEmulator:
        maac = super().far_side(clock)
        maac.account().add_segment("VIP", [uid(9)], segment_type=2)
        return maac


class TestLineOa(InputContract):
    plugin = LINE_OA_STREAMING
    events = (
        '{"type":"message","message":{"type":"text","id":"1","text":"Hello, Alice Abernathy"},"webhookEventId":"01A"}',
        f'{{"type":"follow","source":{{"type":"user","userId":"{uid(0xB0B)}"}},"webhookEventId":"01B"}}',
    )
    personal = ("Alice Abernathy", uid(0xB0B))

    def settings(self) -> Mapping[str, object]:
        return {"channel_secret": ["1" * 32, CHANNEL_SECRET]}

    def body(self, events: Sequence[str]) -> bytes:
        return f'{{"destination":"{uid(1)}","events":[{",".join(events)}]}}'.encode()

    def signed(self, body: bytes) -> Mapping[str, str]:
        return signed_call(body, CHANNEL_SECRET).headers


class TestTreasureData(DeclarationPromises):
    plugin = TREASURE_DATA


class TestSqlite(StoreContract):
    files: type[Databases] | type[Places] = Databases

    def databases(self, folder: Path) -> Databases:
        return Databases(folder)

    def prepare(self, folder: Path) -> None:
        databases = self.databases(folder)
        databases.create("shop")
        for table in ("raw_calls", "events"):
            databases.create_table("shop", table)

    def open(self, folder: Path) -> EventTables:
        return EventTables(self.files(folder))

    def read(self, folder: Path, table: str) -> Iterator[Row]:
        databases = self.databases(folder)
        if databases.columns("shop", table):
            yield from databases.query("shop", f"SELECT * FROM {table} ORDER BY rowid").mappings()  # noqa: S608 - ours


class TestRowsOnTheirWayToTreasureData(TestSqlite):
    files = Places
    database = "plazma/shop"

    def databases(self, folder: Path) -> Databases:
        return Databases(folder / "plazma")


def test_every_connector_of_ours_is_held_to_them() -> None:
    tried = {each.plugin.name for each in (TestMembers, TestNewSegment, TestLineOa, TestTreasureData)}

    assert tried == {each.name for each in BUILT_IN}
