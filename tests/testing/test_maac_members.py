"""What an import does to members, and when it is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.testing import Account, MaacEmulator
from td_line_connectors.testing.emulation.answers import RequestRefusedError
from tests.testing.maac_client import MaacClient, uid

COUNTS = {"blank_error": 0, "duplicate_error": 0, "gender_error": 0, "mobile_error": 0, "birthday_error": 0}
REFUSED = {"success": False, **COUNTS, "miss_fields": [], "useless_fields": []}


def test_a_new_key_creates_a_member_with_every_value(quick: MaacEmulator, quick_caller: MaacClient) -> None:
    row = {
        "line_uid": uid(1),
        "line_display_name": "王小明",
        "email": "ming@example.com",
        "mobile": "+886912345678",
        "customer_id": "C1",
        "gender": "male",
        "birthday": "1990-02-28",
    }
    result = quick_caller.result({**row, "tags": ["vip"]}, tags=["spring"])
    assert (result["success"], result["total_num"], result["created_num"]) == (True, 1, 1)
    assert quick.account().members == [{**row, "tags": ["vip", "spring"]}]


@pytest.mark.parametrize(
    ("import_key", "key"),
    [("line_uid", uid(1)), ("customer_id", "C1"), ("email", "ming@example.com"), ("mobile", "+886912345678")],
)
def test_a_member_is_matched_by_any_import_key(
    quick: MaacEmulator, quick_caller: MaacClient, import_key: str, key: str
) -> None:
    quick_caller.result(
        {"line_uid": uid(1), "customer_id": "C1", "email": "ming@example.com", "mobile": "+886912345678"}
    )
    result = quick_caller.result({import_key: key, "gender": "male"}, import_key=import_key)
    assert (result["created_num"], result["updated_num"]) == (0, 1)
    assert (quick.account().member(line_uid=uid(1)) or {})["gender"] == "male"


def test_a_value_overwrites_and_a_blank_or_absent_one_does_not() -> None:
    account = Account("token")
    account.import_members("customer_id", [{"customer_id": "C1", "email": "a@example.com", "gender": "male"}], [])
    account.import_members("customer_id", [{"customer_id": "C1", "email": "  ", "gender": "female"}], [])
    account.import_members("customer_id", [{"customer_id": "C1", "email": None}], [])
    assert account.members == [{"customer_id": "C1", "email": "a@example.com", "gender": "female", "tags": []}]


def test_tags_are_only_added() -> None:
    account = Account("token")
    account.import_members("customer_id", [{"customer_id": "C1", "tags": ["a", "b"]}], ["c"])
    account.import_members("customer_id", [{"customer_id": "C1", "tags": []}], ["b", "d"])
    assert account.members[0]["tags"] == ["a", "b", "c", "d"]
    assert account.tags == ["a", "b", "c", "d"]


def test_an_overwritten_key_no_longer_matches_and_the_new_one_does() -> None:
    account = Account("token")
    account.import_members("email", [{"email": "old@example.com", "customer_id": "C1"}], [])
    account.import_members("customer_id", [{"customer_id": "C1", "email": "new@example.com"}], [])
    assert account.member(email="old@example.com") is None
    assert (account.member(email="new@example.com") or {})["customer_id"] == "C1"


@pytest.mark.parametrize(
    ("region", "local", "e164"),
    [("tw", "0912345678", "+886912345678"), ("jp", "09012345678", "+819012345678")],
)
def test_a_local_mobile_is_read_by_the_accounts_region(region: str, local: str, e164: str) -> None:
    account = Account("token", region=region)
    result = account.import_members("mobile", [{"mobile": local}], [])
    assert result.document["success"]
    assert account.member(mobile=e164)


def test_a_value_of_the_wrong_type_is_no_import_at_all() -> None:
    account = Account("token")
    with pytest.raises(RequestRefusedError, match=r"400: data\.email: must be text"):
        account.import_members("customer_id", [{"customer_id": "C1"}, {"email": 1}], [])
    assert account.members == []


def test_a_member_is_found_by_an_import_key_only() -> None:
    with pytest.raises(ValueError, match="line_uid, customer_id, email, mobile"):
        Account("token").member(gender="male")


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ValueError, match="one of tw, jp"):
        Account("token", region="fr")


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([{"line_uid": " "}, {"line_uid": None}, {"gender": "male"}], {"blank_error": 3}),
        ([{"line_uid": uid(2)}, {"line_uid": uid(2)}, {"line_uid": f" {uid(2)} "}], {"duplicate_error": 2}),
        ([{"line_uid": uid(2), "gender": "unknown"}, {"line_uid": uid(3), "gender": 1}], {"gender_error": 2}),
        ([{"line_uid": uid(2), "gender": "Male"}], {"gender_error": 1}),
        ([{"line_uid": uid(2), "mobile": "12345"}, {"line_uid": uid(3), "mobile": "+0886912345"}], {"mobile_error": 2}),
        ([{"line_uid": uid(2), "mobile": "+886 912 345 678"}], {"mobile_error": 1}),
        (
            [{"line_uid": uid(2), "birthday": "1990-02-30"}, {"line_uid": uid(3), "birthday": "1990"}],
            {"birthday_error": 2},
        ),
        ([{"line_uid": uid(2), "birthday": "1990-W01-1"}], {"birthday_error": 1}),
        (
            [{"line_uid": uid(2), "age": 3, "city": ""}, {"line_uid": uid(3), "age": 4}],
            {"useless_fields": ["age", "city"]},
        ),
        ([{"gender": "male"}], {"blank_error": 1, "miss_fields": ["line_uid"]}),
        (
            [{"line_uid": uid(2), "gender": "?", "birthday": "?"}, {"line_uid": ""}],
            {"gender_error": 1, "birthday_error": 1, "blank_error": 1},
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_one_wrong_row_refuses_the_whole_import_with_counts_only(
    quick: MaacEmulator, quick_caller: MaacClient, rows: list[dict[str, Any]], counts: dict[str, Any]
) -> None:
    good = [{"line_uid": uid(1), "gender": "male"}] if "miss_fields" not in counts else []
    assert quick_caller.result(*good, *rows) == {**REFUSED, **counts}
    assert quick.account().members == []
    assert quick.account().tags == []


def test_keys_are_compared_after_a_mobile_is_put_into_e164(quick_caller: MaacClient) -> None:
    result = quick_caller.result({"mobile": "0912345678"}, {"mobile": "+886912345678"}, import_key="mobile")
    assert result == {**REFUSED, "duplicate_error": 1}


def test_a_mobile_that_maac_does_not_like_is_refused_though_its_shape_is_right(
    quick: MaacEmulator, quick_caller: MaacClient
) -> None:
    quick.account().refuse_mobiles.add("+886912345678")
    assert quick_caller.result({"line_uid": uid(1), "mobile": "0912345678"}) == {**REFUSED, "mobile_error": 1}


def test_blocked_people_are_mismatched_and_left_as_they_are(quick: MaacEmulator, quick_caller: MaacClient) -> None:
    quick_caller.result({"line_uid": uid(1), "customer_id": "C1"})
    quick.account().blocked.add(uid(1))
    result = quick_caller.result({"line_uid": uid(1), "gender": "male"}, {"line_uid": uid(2)}, tags=["t"])
    assert (result["created_num"], result["updated_num"], result["mismatch_num"], result["total_num"]) == (1, 0, 1, 2)
    assert quick.account().member(line_uid=uid(1)) == {"line_uid": uid(1), "customer_id": "C1", "tags": []}


def test_somebody_blocked_is_mismatched_by_any_key(quick: MaacEmulator, quick_caller: MaacClient) -> None:
    quick_caller.result({"line_uid": uid(1), "customer_id": "C1"})
    quick.account().blocked.add(uid(1))
    assert quick_caller.result({"customer_id": "C1"}, import_key="customer_id")["mismatch_num"] == 1


def test_where_friends_are_listed_nobody_else_is_created(quick: MaacEmulator, quick_caller: MaacClient) -> None:
    quick.account().friends = {uid(1)}
    result = quick_caller.result({"line_uid": uid(1)}, {"line_uid": uid(2)})
    assert (result["created_num"], result["mismatch_num"]) == (1, 1)


def test_a_malformed_line_uid_is_nobodys_friend(quick_caller: MaacClient) -> None:
    assert quick_caller.result({"line_uid": "U123"}, {"line_uid": uid(0xABC).upper()})["mismatch_num"] == 2


def test_the_mismatch_list_is_linked_only_for_line_uids(quick: MaacEmulator, quick_caller: MaacClient) -> None:
    quick.account().blocked |= {uid(1), "C1"}
    link = quick_caller.result({"line_uid": uid(1)})["mismatch_export_link"]
    assert quick_caller.get(link.removeprefix(quick.url)).body.decode().split() == ["line_uid", uid(1)]
    assert "mismatch_export_link" not in quick_caller.result({"customer_id": "C1"}, import_key="customer_id")


def test_importing_twice_leaves_the_same_members(quick: MaacEmulator, quick_caller: MaacClient) -> None:
    rows = [{"line_uid": uid(number), "email": f"{number}@example.com", "tags": ["a"]} for number in range(5)]
    quick_caller.result(*rows, tags=["t"])
    before = quick.account().members
    assert quick_caller.result(*rows, tags=["t"])["updated_num"] == 5
    assert quick.account().members == before


KEYS = st.sampled_from(["C1", "C2", "C3"])
VALUES = st.fixed_dictionaries(
    {"customer_id": KEYS},
    optional={
        "email": st.sampled_from(["", "x@example.com", "y@example.com"]),
        "gender": st.sampled_from([" ", "male", "female"]),
        "tags": st.lists(st.sampled_from("abc"), max_size=3),
    },
)


@settings(max_examples=60)
@given(st.lists(VALUES, min_size=1, max_size=8))
def test_rows_of_one_key_merged_leave_what_they_leave_one_after_another(rows: list[dict[str, Any]]) -> None:
    one_by_one, at_once, merged = Account("token"), Account("token"), dict[str, dict[str, Any]]()
    for row in rows:
        one_by_one.import_members("customer_id", [row], ["t"])
        into = merged.setdefault(row["customer_id"], {"tags": []})
        tags = [*into["tags"], *row.get("tags", [])]
        into.update({name: value for name, value in row.items() if name != "tags" and value.strip()}, tags=tags)
    at_once.import_members("customer_id", merged.values(), ["t"])
    assert _by_key(at_once) == _by_key(one_by_one)


def _by_key(account: Account) -> dict[str, Any]:
    return {member["customer_id"]: {**member, "tags": set(member["tags"])} for member in account.members}
