"""The promises of every output connector."""

from collections.abc import Mapping

from line_audience.plugin import PLUGIN
from line_audience.testing import LineAudienceEmulator

from td_line_connectors.testing import StillClock
from td_line_connectors.testing.contracts import OutputContract


class TestAudience(OutputContract[LineAudienceEmulator]):
    plugin = PLUGIN
    personal = ("line_uid",)
    good_rows = (
        {"line_uid": "U0123456789abcdef0123456789abcdef"},
        {"line_uid": "Ufedcba9876543210fedcba9876543210"},
        {"line_uid": "U0123456789abcdef0123456789abcdef"},
    )
    bad_rows = ({"line_uid": "U-not-an-id"}, {"line_uid": None})

    def far_side(self, clock: StillClock) -> LineAudienceEmulator:
        return LineAudienceEmulator(now=clock)

    def settings(self, far_side: LineAudienceEmulator) -> Mapping[str, object]:
        return {
            "channel_access_token": far_side.token,
            "audience_name": "Spring sale",
            "add_to_existing": True,
            "endpoint": far_side.url,
            "data_endpoint": far_side.url,
            "request_timeout": 1.0,
        }

    def held(self, far_side: LineAudienceEmulator) -> object:
        return [(each.name, far_side.user_ids(each)) for each in far_side.held]
