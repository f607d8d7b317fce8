"""Connectors with one bug each, and a sound one, under the contracts. Run by test_seeded_bugs.py, and by nobody else.

The docstring of each class names the one test that must catch its bug.
"""

import hashlib
import hmac
import itertools
import json
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from td_line_connectors import Secret
from td_line_connectors.errors import PayloadError, RefusedError, SignatureError, StoreError
from td_line_connectors.rows import Row
from td_line_connectors.schema import SECRET, Column, Parameter, ParameterSchema
from td_line_connectors.spi import Delivery, InputPlugin, Outcome, SegmentSummary, Ticket
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival, EventTables
from td_line_connectors.testing import StillClock
from td_line_connectors.testing.contracts import InputContract, OutputContract, StoreContract
from tests.contracts.points import PARAMETERS, Points, PointsFarSide, PointsOutput, plugin

LOG = logging.getLogger(__name__)


class TestPoints(OutputContract[PointsFarSide]):
    """Nothing is wrong with it."""

    plugin = plugin()
    personal = ("customer", "note")
    good_rows = (
        {"customer": "customer-4711", "points": 10, "note": "A birthday"},
        {"customer": "customer-4712", "points": 5},
        {"customer": "customer-4711", "points": 7},
    )
    bad_rows = ({"customer": "customer-4713", "points": "seventeen"},)
    request_timeout = 1.0

    def far_side(self, clock: StillClock) -> PointsFarSide:
        return PointsFarSide()

    def settings(self, far_side: PointsFarSide) -> Mapping[str, object]:
        return {"api_token": far_side.token, "endpoint": far_side.url, "request_timeout": self.request_timeout}

    def held(self, far_side: PointsFarSide) -> object:
        return far_side.customers


class CountsOneShort(PointsOutput):
    def settle(self, ticket: Ticket) -> Outcome:
        return Outcome(written=super().settle(ticket).written - 1)


class TestCountsOneShort(TestPoints):
    """test_the_counts_cover_every_row"""

    plugin = plugin(CountsOneShort)


class Insists(PointsOutput):
    def submit(self, body: bytes) -> Ticket:
        try:
            return super().submit(body)
        except RefusedError:
            return super().submit(body)


class TestRepeatsA401(TestPoints):
    """test_a_401_is_not_repeated"""

    plugin = plugin(Insists)


class Blind(PointsOutput):
    def find(self, body: bytes) -> Ticket | None:
        return None


class TestSendsTwiceWithoutLooking(TestPoints):
    """test_nothing_is_doubled_and_nothing_is_lost"""

    plugin = plugin(Blind)


class Careless(PointsOutput):
    repeatable = True


class TestCallsItselfRepeatable(TestPoints):
    """test_nothing_is_doubled_and_nothing_is_lost"""

    plugin = plugin(Careless)


class Indiscreet(PointsOutput):
    def submit(self, body: bytes) -> Ticket:
        try:
            return super().submit(body)
        except RefusedError as error:
            token = self.config.api_token.reveal()
            raise RefusedError(f"{error} (token {token})", error.status) from None


class TestTokenInAMessage(TestPoints):
    """test_no_secret_comes_to_light"""

    plugin = plugin(Indiscreet)


class Annotated(PointsOutput):
    def submit(self, body: bytes) -> Ticket:
        try:
            return super().submit(body)
        except RefusedError as error:
            error.add_note(f"the token was {self.config.api_token.reveal()}")
            raise


class TestTokenInANote(TestPoints):
    """test_no_secret_comes_to_light"""

    plugin = plugin(Annotated)


class ShowsItsToken(PointsOutput):
    def __repr__(self) -> str:
        return f"PointsOutput({self.config.endpoint!r}, {self.config.api_token.reveal()!r})"


class TestTokenInRepr(TestPoints):
    """test_no_secret_is_printed_with_the_connector"""

    plugin = plugin(ShowsItsToken)


class NamesItsAccountByTheToken(PointsOutput):
    @property
    def account(self) -> str:
        return self.config.api_token.reveal()

    @account.setter
    def account(self, _: str) -> None:
        pass


class TestTokenInTheAccount(TestPoints):
    """test_the_account_betrays_no_secret"""

    plugin = plugin(NamesItsAccountByTheToken)


class Chatty(PointsOutput):
    def encode(self, records: Sequence[Points]) -> bytes:
        LOG.debug("sending %s", [record.customer for record in records])
        return super().encode(records)


class TestPersonalValueInALogLine(TestPoints):
    """test_no_personal_value_comes_to_light"""

    plugin = plugin(Chatty)


class ClosesOnce(PointsOutput):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise ValueError("closed already")
        self.closed = True
        super().close()


class TestClosesOnceOnly(TestPoints):
    """test_close_may_be_called_twice"""

    plugin = plugin(ClosesOnce)


UNDOCUMENTED = replace(PARAMETERS, parameters=(*PARAMETERS.parameters[:2], replace(PARAMETERS.parameters[2], help=".")))


class TestUndocumentedParameter(TestPoints):
    """test_every_parameter_and_every_column_is_documented"""

    plugin = plugin(parameters=UNDOCUMENTED)


LISTED = replace(SECRET, json_schema={"type": "strng", "writeOnly": True})
MISSHAPEN = replace(PARAMETERS, parameters=(replace(PARAMETERS.parameters[0], type=LISTED), *PARAMETERS.parameters[1:]))


class TestNoJsonSchema(TestPoints):
    """test_the_settings_have_a_json_schema"""

    plugin = plugin(parameters=MISSHAPEN)


class PointsRefusedError(RefusedError):
    def __init__(self, status: int | None) -> None:
        super().__init__(f"adding points: {status}", status)


class Homemade(PointsOutput):
    def submit(self, body: bytes) -> Ticket:
        try:
            return super().submit(body)
        except RefusedError as error:
            raise PointsRefusedError(error.status) from error


class TestErrorThatDoesNotPickle(TestPoints):
    """test_an_error_survives_the_way_to_another_process"""

    plugin = plugin(Homemade)


class Unsorted(PointsOutput):
    def submit(self, body: bytes) -> Ticket:
        try:
            return super().submit(body)
        except RefusedError as error:
            raise KeyError("taken") from error


class TestErrorOfNoKind(TestPoints):
    """test_a_failure_is_sorted_by_who_must_act"""

    plugin = plugin(Unsorted)


class KeepsTheLater(PointsOutput):
    def merge(self, earlier: Points, later: Points) -> Points | None:
        return later


class TestMergeThatLosesAValue(TestPoints):
    """test_merging_does_what_sending_one_after_the_other_does"""

    plugin = plugin(KeepsTheLater)


class Dated(PointsOutput):
    def encode(self, records: Sequence[Points]) -> bytes:
        return super().encode(records) + b" " * (int(self.runtime.now().timestamp()) % 7200 // 3600)


class TestEncodingThatHoldsTheTime(TestPoints):
    """test_equal_records_encode_to_equal_bytes"""

    plugin = plugin(Dated)


class Hoarding(PointsOutput):
    def encode(self, records: Sequence[Points]) -> bytes:
        self.kept = [*getattr(self, "kept", ()), *records]
        return super().encode(self.kept)


class TestRequestThatCarriesTheLastOnesRecords(TestPoints):
    """test_a_request_carries_its_own_records_and_no_others"""

    plugin = plugin(Hoarding)


class TestWaitsForEver(TestPoints):
    """test_a_late_answer_is_not_waited_for"""

    request_timeout = 60.0


class Probing(PointsOutput):
    def prepare(self) -> SegmentSummary | None:
        self.http.post_json("/points", self.encode([Points("nobody", 0, None)]), repeatable=True)
        return None


class TestLookingThatWrites(TestPoints):
    """test_looking_changes_nothing"""

    plugin = plugin(Probing)


@dataclass(frozen=True, slots=True)
class Signed:
    secret: Secret


class LetterInput:
    """A sound input: letters, signed with a HMAC in hexadecimal digits."""

    def __init__(self, config: Signed) -> None:
        self.secret = config.secret

    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        given = next((value for name, value in headers.items() if name.lower() == "x-letter-signature"), "")
        if not self.is_signed(body, given):
            raise SignatureError("the call is not signed")
        raw = {"body": body.decode(errors="backslashreplace"), "time": int(received_at.timestamp())}
        try:
            letters = json.loads(body)["letters"]
        except (ValueError, TypeError, KeyError) as error:
            raise self.unreadable(raw, error) from None
        return Delivery(raw, tuple(self.rows(letters)))

    def is_signed(self, body: bytes, given: str) -> bool:
        return given.isascii() and hmac.compare_digest(seal(body, self.secret.reveal()), given)

    def rows(self, letters: Sequence[object]) -> Iterator[Row]:
        return ({"letter": json.dumps(letter)} for letter in letters)

    def unreadable(self, raw: Row, error: Exception) -> PayloadError:
        return PayloadError(f"the body is no letters ({type(error).__name__})", raw)


def seal(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def letters(build: type[LetterInput] = LetterInput) -> InputPlugin[Signed]:
    secret = Parameter(name="secret", label="Secret", help="What signs the letters.", type=SECRET, required=True)
    return InputPlugin(
        name="letters",
        title="Letters",
        parameters=ParameterSchema(into=Signed, parameters=(secret,)),
        columns={"letters": (Column(name="letter", validate=str, help="The letter as JSON."),)},
        signature_header="x-letter-signature",
        build=build,
    )


class TestLetters(InputContract):
    """Nothing is wrong with it."""

    plugin = letters()
    events = ('{"from":"Alice Abernathy","text":"Hello"}', '{"from":"Bob Brown","text":"Good bye"}')
    personal = ("Alice Abernathy", "Good bye")

    def settings(self) -> Mapping[str, object]:
        return {"secret": "sealing-wax-17"}

    def body(self, events: Sequence[str]) -> bytes:
        return f'{{"letters":[{",".join(events)}]}}'.encode()

    def signed(self, body: bytes) -> Mapping[str, str]:
        return {"X-Letter-Signature": seal(body, "sealing-wax-17")}


class StopsAtTheOdd(LetterInput):
    def rows(self, letters: Sequence[object]) -> Iterator[Row]:
        return super().rows(list(itertools.takewhile(lambda letter: isinstance(letter, dict), letters)))


class TestEventThatCostsItsNeighbours(TestLetters):
    """test_one_odd_event_costs_no_other"""

    plugin = letters(StopsAtTheOdd)


class LooksAtTheBeginning(LetterInput):
    def is_signed(self, body: bytes, given: str) -> bool:
        return len(given) > 8 and seal(body, self.secret.reveal()).startswith(given)


class TestSignatureComparedInPart(TestLetters):
    """test_a_call_that_is_not_signed_is_refused"""

    plugin = letters(LooksAtTheBeginning)


class Quoting(LetterInput):
    def unreadable(self, raw: Row, error: Exception) -> PayloadError:
        return PayloadError(f"this is no letter: {raw['body']}", raw)


class TestBodyInAMessage(TestLetters):
    """test_an_error_betrays_nothing_and_survives_the_way_to_another_process"""

    plugin = letters(Quoting)


class Counting(LetterInput):
    def __init__(self, config: Signed) -> None:
        super().__init__(config)
        self.numbers = itertools.count()

    def rows(self, letters: Sequence[object]) -> Iterator[Row]:
        return (
            {**row, "number": next(self.numbers)} if number == 0 else row
            for number, row in enumerate(super().rows(letters))
        )


class TestRowsThatDependOnTheLastCall(TestLetters):
    """test_receiving_is_a_function_of_its_arguments"""

    plugin = letters(Counting)


class TestTables(StoreContract):
    """Nothing is wrong with it."""

    def prepare(self, folder: Path) -> None:
        databases = Databases(folder)
        databases.create("shop")
        for table in ("raw_calls", "events"):
            databases.create_table("shop", table)

    def open(self, folder: Path) -> EventTables:
        return EventTables(Databases(folder))

    def read(self, folder: Path, table: str) -> Iterator[Row]:
        databases = Databases(folder)
        if databases.columns("shop", table):
            yield from databases.query("shop", f"SELECT * FROM {table} ORDER BY rowid").mappings()  # noqa: S608 - ours


class TestStoreThatAnswersTooSoon(TestTables):
    """test_what_is_stored_outlives_the_process"""

    def prepare(self, folder: Path) -> None:
        super().prepare(folder)
        shutil.copytree(folder, _in_memory(folder))

    def open(self, folder: Path) -> EventTables:
        return super().open(self.memory_of(folder))

    def read(self, folder: Path, table: str) -> Iterator[Row]:
        return super().read(self.memory_of(folder), table)

    def memory_of(self, folder: Path) -> Path:
        memory = _in_memory(folder)
        return memory if memory.exists() else folder


def _in_memory(folder: Path) -> Path:
    """Give what stands for memory that the next process does not see."""
    return folder.with_name(f"{folder.name} in memory")


class AllOrNothing(EventTables):
    def store(self, database: str, arrivals: Sequence[Arrival]) -> list[StoreError | None]:
        outcomes = [super(AllOrNothing, self).store(database, [each])[0] for each in arrivals]
        worst = next((each for each in outcomes if each), None)
        return [worst] * len(arrivals)


class TestBadCallThatCostsTheOthers(TestTables):
    """test_one_bad_call_costs_no_other"""

    def open(self, folder: Path) -> EventTables:
        return AllOrNothing(Databases(folder))


class StoresClosedOnce(EventTables):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise StoreError("closed already")
        self.closed = True
        super().close()


class TestStoreThatClosesOnceOnly(TestTables):
    """test_what_was_stored_stays_when_the_store_is_closed_twice"""

    def open(self, folder: Path) -> EventTables:
        return StoresClosedOnce(Databases(folder))
