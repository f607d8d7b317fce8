import io

import pytest

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.storage import encodings
from td_line_connectors.storage.files import read_file

TAIWAN = "email,name\na@b.c,王小明\nc@d.e,陳美麗會員活動通知,\n臺北市信義區\n"
JAPAN = "email,name\na@b.c,山田太郎さま\nc@d.e,カタカナ会員登録\n東京都渋谷区\n"
CHINA = "email,name\na@b.c,张伟先生\nc@d.e,会员活动通知\n北京市朝阳区\n"


def read(content: bytes, encoding: str | None = None) -> list[list[object]]:
    return [list(row) for row in read_file(io.BytesIO(content), format="csv", encoding=encoding).rows]


@pytest.mark.parametrize(
    ("text", "codec", "title", "given"),
    [
        (TAIWAN, "big5", "Big5", "big5"),
        (TAIWAN + "碁恒\n", "cp950", "Big5", "cp950"),
        (JAPAN, "shift_jis", "Shift-JIS", "shift_jis"),
        (JAPAN + "①髙﨑\n", "cp932", "Shift-JIS", "cp932"),
        (JAPAN, "euc_jp", "EUC-JP", "euc_jp"),
        (CHINA, "gb2312", "GBK", "gb2312"),
        ("a\n" * 200_000 + TAIWAN, "big5", "Big5", "big5"),
    ],
    ids=["big5", "cp950", "shift_jis", "cp932", "euc_jp", "gb2312", "late"],
)
def test_an_east_asian_encoding_is_named_and_not_acted_on(text: str, codec: str, title: str, given: str) -> None:
    with pytest.raises(ConfigError, match=rf"is not UTF-8; it looks like {title}: give --encoding {given}$"):
        read(text.encode(codec))


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(codec: str) -> None:
    with pytest.raises(ConfigError, match=rf"looks like UTF-16: give --encoding {codec}$"):
        read("email,name\na,b\n".encode(codec))


@pytest.mark.parametrize("codec", ["big5", "cp932", "utf-16", "utf-16-le", "utf-8", "UTF8", "latin-1"])
def test_a_given_encoding_is_used(codec: str) -> None:
    assert read("a,b\nx,±\n".encode(codec), codec) == [["x", "±"]]


def test_a_wrong_byte_is_named_by_line_and_byte() -> None:
    with pytest.raises(DataError, match=r"line 3 \(byte offset 6\) is not UTF-8"):
        read(b"a\nbc\nd\xff\n")


def test_a_wrong_byte_after_a_mark_is_named_by_its_place_in_the_file() -> None:
    with pytest.raises(DataError, match=r"line 2 \(byte offset 5\) is not UTF-8"):
        read(b"\xef\xbb\xbfa\n\xff\n")


def test_a_wrong_byte_far_into_the_file_is_named_by_its_place() -> None:
    with pytest.raises(DataError, match=r"line 200,001 \(byte offset 400,000\) is not UTF-8"):
        read(b"a\n" * 200_000 + b"\xff\xff\xff\n")


def test_a_wrong_byte_under_a_given_encoding_is_named_with_the_wider_form() -> None:
    content = "a\n王\n碁\n".encode("cp950")
    with pytest.raises(DataError, match=r"line 3 \(byte offset 5\) is not big5; try its wider form: --encoding cp950"):
        read(content, "big5")
    assert read(content, "cp950") == [["王"], ["碁"]]


def test_a_given_encoding_is_named_as_people_write_it() -> None:
    with pytest.raises(DataError, match=r"is not utf-8; is this the file's encoding\?"):
        read(b"a\n\xff\n", "UTF8")


def test_a_character_cut_off_at_the_end_is_a_wrong_byte() -> None:
    with pytest.raises(DataError, match=r"line 2 \(byte offset 2\) is not UTF-8"):
        read("a\n王".encode()[:-1])


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a,b\n1,\0\n", b"a,b\n" * 100_000 + b"\0"])
def test_a_nul_byte_is_binary(content: bytes) -> None:
    with pytest.raises(DataError, match=r"has a NUL byte at byte offset [\d,]+: it is binary"):
        read(content)


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "", "idna\0"], ids=ascii)
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(ConfigError, match=r"is no encoding that Python knows"):
        read(b"a\n", encoding or "none such")


def test_an_endless_line_is_refused() -> None:
    line = b"x" * (encodings.MAX_LINE + 300_000)
    with pytest.raises(DataError, match=r"line 2 is longer than 64 MiB"):
        read(b"a\n" + line)


@pytest.mark.parametrize("content", [b"", b"plain", b"\xff\xfe\xfd\x80\x81"], ids=ascii)
def test_what_looks_like_nothing_is_not_guessed(content: bytes) -> None:
    assert encodings.guess(content) is None
