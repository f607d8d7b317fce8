"""Lists of people, uploaded and paged through."""

from urllib.parse import quote

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.testing.maac_client import CUSTOM_SEGMENT, SEGMENT, HandClock, MaacClient, uid, uid_csv


def test_a_new_segment_is_prepared_before_it_is_counted(
    still: MaacEmulator, caller: MaacClient, clock: HandClock
) -> None:
    got = caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1, 2, 1]), name="春 2026", description="vip")
    expected = {
        "id": 1,
        "name": "春 2026",
        "description": "vip",
        "segment_type": 2,
        "member_count": -1,
        "status": 1,
        "last_updated_time": None,
    }
    assert (got.status, got.json) == (201, expected)
    assert caller.get(f"{SEGMENT}1/members/").body == b"line_uid\r\n"
    clock.advance(3)
    ready = {"member_count": 2, "status": 2, "last_updated_time": "2023-11-15T06:13:23.000000+08:00"}
    assert caller.get(f"{SEGMENT}1/").json == {**expected, **ready}
    assert still.account().segments[0].uids == (uid(1), uid(2))


def test_the_download_lists_the_people_whom_the_account_reaches(
    still: MaacEmulator, caller: MaacClient, clock: HandClock
) -> None:
    still.account().blocked.add(uid(2))
    caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1, 2]), name="a")
    clock.advance(3)
    got = caller.get(f"{SEGMENT}1/members/")
    assert (got.status, got.headers["content-type"]) == (200, "text/csv")
    assert got.body.decode().split() == ["line_uid", uid(1)]
    assert caller.get(f"{SEGMENT}1/").json["member_count"] == 1


def test_creating_a_name_twice_makes_two_segments(still: MaacEmulator, caller: MaacClient) -> None:
    ids = [caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1]), name="a").json["id"] for _ in range(2)]
    assert ids == [1, 2]
    assert [segment.name for segment in still.account().segments] == ["a", "a"]


def test_a_file_is_the_new_list_and_is_prepared_anew(still: MaacEmulator, caller: MaacClient, clock: HandClock) -> None:
    caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1, 2]), name="a", description="d")
    clock.advance(3)
    got = caller.upload("PATCH", f"{CUSTOM_SEGMENT}1/", uid_csv([3]))
    assert (got.status, got.json["status"], got.json["name"], got.json["description"]) == (200, 1, "a", "d")
    assert still.account().segments[0].uids == (uid(3),)


def test_a_name_or_description_alone_leaves_the_list(still: MaacEmulator, caller: MaacClient, clock: HandClock) -> None:
    caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1]), name="a")
    clock.advance(3)
    got = caller.upload("PATCH", f"{CUSTOM_SEGMENT}1/", name="b", description="d")
    assert (got.json["name"], got.json["description"], got.json["member_count"]) == ("b", "d", 1)
    assert caller.upload("PATCH", f"{CUSTOM_SEGMENT}1/").status == 400
    assert still.account().segments[0].uids == (uid(1),)


def test_only_custom_segments_can_be_changed(still: MaacEmulator, caller: MaacClient) -> None:
    still.account().add_segment("by tags")
    assert caller.get(f"{SEGMENT}1/").json["segment_type"] == 1
    assert caller.upload("PATCH", f"{CUSTOM_SEGMENT}1/", uid_csv([1])).status == 404
    assert caller.upload("PATCH", f"{CUSTOM_SEGMENT}9/", uid_csv([1])).status == 404


def test_a_deleted_segment_is_gone(still: MaacEmulator, caller: MaacClient) -> None:
    still.account().add_segment("a")
    got = caller.call("DELETE", f"{SEGMENT}1/")
    assert (got.status, got.body) == (204, b"")
    assert [caller.call(method, f"{SEGMENT}1/").status for method in ("GET", "DELETE")] == [404, 404]
    assert caller.get(f"{SEGMENT}1/members/").status == 404


@pytest.mark.parametrize("encode", [lambda token: token, lambda token: quote(token, safe="")], ids=["as is", "encoded"])
def test_a_list_comes_in_pages_of_300(still: MaacEmulator, caller: MaacClient, encode: type[str]) -> None:
    for number in range(601):
        still.account().add_segment(f"segment {number}")
    names: list[str] = []
    sizes: list[int] = []
    start = ""
    while True:
        page = caller.get(f"{SEGMENT}?start={encode(start)}").json
        names += [segment["name"] for segment in page["results"]]
        sizes.append(len(page["results"]))
        start = page["next"]
        if start is None:
            break
    assert sizes == [300, 300, 1]
    assert names == [f"segment {number}" for number in range(601)]


def test_a_page_survives_a_deletion_before_it(still: MaacEmulator, caller: MaacClient) -> None:
    for number in range(301):
        still.account().add_segment(str(number))
    start = caller.get(SEGMENT).json["next"]
    caller.call("DELETE", f"{SEGMENT}1/")
    assert [segment["name"] for segment in caller.get(f"{SEGMENT}?start={start}").json["results"]] == ["300"]


@pytest.mark.parametrize("start", ["2", "%21%21", "c2VnbWVudA%3D%3D", "%E5%88%86", "c2VnbWVudCB4", "dGFnIDE%3D"])
def test_a_start_that_was_never_given_is_a_bad_request(caller: MaacClient, start: str) -> None:
    assert caller.get(f"{SEGMENT}?start={start}").status == 400


def test_a_name_matches_in_part(still: MaacEmulator, caller: MaacClient) -> None:
    for name in ("spring", "spring 2", "autumn"):
        still.account().add_segment(name)
    found = caller.get(f"{SEGMENT}?name=spring").json
    assert [segment["name"] for segment in found["results"]] == ["spring", "spring 2"]
    assert found["next"] is None


def test_an_account_has_at_most_30_segments(still: MaacEmulator, caller: MaacClient) -> None:
    still.account().add_segment("by tags")
    statuses = [caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1]), name=str(number)).status for number in range(30)]
    assert statuses == [*[201] * 29, 400]
    still.account().segment_limit = 31
    assert caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1]), name="bought").status == 201


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"line_uid\r\n",
        uid_csv([1]).removeprefix(b"line_uid\r\n"),
        uid_csv([1]).replace(b"line_uid", b"uid"),
        b"\xef\xbb\xbf" + uid_csv([1]),
        uid_csv([1]) + b"U123\r\n",
        uid_csv([1]) + b",\r\n",
        uid_csv([1]).upper(),
        b"\xff\xfe",
        b'line_uid\r\n"U',
    ],
    ids=["empty", "nobody", "no header", "other header", "bom", "malformed", "columns", "upper case", "bytes", "quote"],
)
def test_a_file_that_is_no_list_of_uids_is_a_bad_request(still: MaacEmulator, caller: MaacClient, file: bytes) -> None:
    assert caller.upload("POST", CUSTOM_SEGMENT, file, name="a").status == 400
    assert still.account().segments == []


@pytest.mark.parametrize(
    "file",
    [uid_csv([1, 2]).replace(b"\r\n", b"\n"), uid_csv([1, 2]).rstrip(), uid_csv([1, 2]) + b"\r\n"],
    ids=["line feeds", "no last line end", "blank line"],
)
def test_a_files_line_ends_do_not_matter(still: MaacEmulator, caller: MaacClient, file: bytes) -> None:
    assert caller.upload("POST", CUSTOM_SEGMENT, file, name="a").status == 201
    assert len(still.account().segments[0].uids) == 2


def test_300_000_uids_are_taken_and_one_more_is_not(still: MaacEmulator, caller: MaacClient) -> None:
    assert caller.upload("POST", CUSTOM_SEGMENT, uid_csv(range(300_001)), name="a").status == 400
    assert caller.upload("POST", CUSTOM_SEGMENT, uid_csv(range(300_000)), name="a").status == 201
    assert len(still.account().segments[0].uids) == 300_000


def test_25_megabytes_are_taken_and_one_byte_more_is_not(caller: MaacClient) -> None:
    file = uid_csv([1]).ljust(25_000_000, b"\n")
    assert caller.upload("POST", CUSTOM_SEGMENT, file + b"\n", name="a").status == 400
    assert caller.upload("POST", CUSTOM_SEGMENT, file, name="a").status == 201


def test_name_and_file_are_required(caller: MaacClient) -> None:
    assert caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1])).status == 400
    assert caller.upload("POST", CUSTOM_SEGMENT, uid_csv([1]), name=" ").status == 400
    assert caller.upload("POST", CUSTOM_SEGMENT, name="a").status == 400


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na'),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\na\r\n--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--x--'),
    ],
    ids=["json", "no boundary", "empty", "no end", "no name", "not utf-8"],
)
def test_a_form_that_is_not_one_is_a_bad_request(caller: MaacClient, content_type: str, body: bytes) -> None:
    assert caller.call("POST", CUSTOM_SEGMENT, body, Content_Type=content_type).status == 400
