"""YAML is read as the workflow engine reads it: as written, with places, and nothing twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.settings.document import read_document

PRODUCT_PAGE = """timezone: UTC
    database: sample_datasets
  td>: queries/sample.sql
  result_connection: your_connection_name
    api_token: ###
    data_object: members
"""

AS_WRITTEN = ["0712345670", "+886912345678", "no", "yes", "on", "true", "20260101", "2000-02-23", "12:30:00", "1_000"]
AS_WRITTEN += ["0x1F", "1e3", ".inf", "NULL", "Null", "a, b", "~x", "nullx", "C:\\x", "a#b", "=", "1.0"]


@pytest.mark.parametrize("scalar", AS_WRITTEN)
def test_a_scalar_stays_as_it_was_written(scalar: str) -> None:
    assert read_document(f"a: {scalar}\nb: [{scalar.replace(',', '')}]", "x.yml").root.items["a"].value == scalar


@pytest.mark.parametrize("scalar", ["", "~", "null", " # why"])
def test_what_is_empty_or_null_is_not_given(scalar: str) -> None:
    assert read_document(f"a: {scalar}", "x.yml").value == {"a": None}


@pytest.mark.parametrize("quoted", ["''", '"~"', "'null'", '"true"', "'###'"])
def test_what_is_quoted_is_text(quoted: str) -> None:
    assert read_document(f"a: {quoted}", "x.yml").value == {"a": quoted[1:-1]}


def test_keys_stay_as_written_too() -> None:
    assert read_document("null: 1\n007: 2\ntd>: 3\n+task: 4", "x.yml").value == {
        "null": "1",
        "007": "2",
        "td>": "3",
        "+task": "4",
    }


def test_every_value_and_key_has_its_place() -> None:
    document = read_document("a:\n  b: [x, {c: d}]\n", "wf.dig")
    assert document.where(("a", "b")) == "wf.dig:2:6"
    assert document.where(("a", "b"), key=True) == "wf.dig:2:3"
    assert document.where(("a", "b", 1, "c")) == "wf.dig:2:14"
    assert document.where(("a", "b", 1, "c"), key=True) == "wf.dig:2:11"


def test_the_place_of_what_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read_document("a: 1", "x.yml").where(("a", "b"))


@pytest.mark.parametrize(
    ("text", "commented"),
    [
        ("a: ###", True),
        ("a:   # later", True),
        ("a:\nb: 1", False),
        ("a: ''  # blank on purpose", False),
        ("a: null # given up", False),
        ("a: x # y", False),
        ("a:\n  # the next line's\n  b: 1", False),
    ],
)
def test_it_is_known_which_keys_have_a_comment_alone(text: str, commented: bool) -> None:  # noqa: FBT001 - a table's column
    assert read_document(text, "x.yml").commented(("a",)) is commented


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    document = read_document("\ufeffa: 1", "x.yml")
    assert (document.value, document.where(("a",))) == ({"a": "1"}, "x.yml:1:4")


def test_nothing_is_nothing() -> None:
    assert read_document("# only a comment\n", "x.yml").value is None


def test_an_alias_gives_a_copy_with_a_path_of_its_own() -> None:
    root = read_document("a: &x {k: v}\nb: *x", "x.yml").root
    assert root.plain == {"a": {"k": "v"}, "b": {"k": "v"}}
    assert root.items["b"].items["k"].field == "b.k"
    assert str(root.items["b"].items["k"].at) == "x.yml:1:11"


def test_surrogate_pairs_written_as_json_does_are_joined() -> None:
    assert read_document('a: "\\ud83d\\ude00"', "x.yml").value == {"a": "😀"}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD = [
    ("tab", "a:\n\tb: 1", "x.yml:2:1", "tab"),
    ("tab before a key", "\tb: 1", "x.yml:1:1", "spaces"),
    ("crooked indentation", "a:\n  b: 1\n c: 2", "x.yml:3:2", "indentation"),
    ("deeper than a scalar", "a: UTC\n  b: 1", "x.yml:2:4", "indented deeper"),
    ("colon in a text", "a: b: c", "x.yml:1:5", "needs quotes"),
    ("no colon", "a: 1\nb", "x.yml:2:2", "colon"),
    ("reserved character", "a: @home", "x.yml:1:4", "quotes"),
    ("open quote", "a: 'b", "x.yml:1:6", "never closed"),
    ("open bracket", "a: [1, 2", "x.yml:1:9", "never closed"),
    ("missing comma", "a: ['b' 1]", "x.yml:1:9", "comma"),
    ("list after a colon", "a: - b", "x.yml:1:4", "next line"),
    ("text after a pipe", "a: |x\n  b", "x.yml:1:5", "next line"),
    ("unknown escape", 'a: "\\q"', "x.yml:1:6", "backslash"),
    ("half an escape", 'a: "\\x1"', "x.yml:1:7", "backslash"),
    ("escape beyond unicode", 'a: "\\U99999999"', "x.yml:1:7", "too large"),
    ("half a surrogate pair", 'a: "\\ud83d"', "x.yml:1:4", "surrogate"),
    ("control character", "a: \x00", "x.yml:1:4", "control"),
    ("control character later", "a: 1\nb: x\x07", "x.yml:2:5", "control"),
    ("second document", "a: 1\n---\nb: 2", "x.yml:2:1", "second document"),
    ("text after the end", "a: 1\n...\nb", "x.yml:3:1", "after the end"),
    ("future yaml", "%YAML 9.0\n---\na: 1", "x.yml:1:1", "version"),
    ("duplicate", "a: 1\nb: 2\na: 3", "x.yml:3:1", "twice, first in line 1"),
    ("include", "!include : 'a.dig'", "x.yml:1:1", "!include is not supported"),
    ("python tag", "a: !!python/object/apply:os.system [ls]", "x.yml:1:4", "!!python"),
    ("standard tag", "a: !!int 3", "x.yml:1:4", "!!int"),
    ("local tag", "a: !token3", "x.yml:1:4", "begins with !"),
    ("tag of a foreign handle", "a: !b!c d", "x.yml:1:4", "begins with !"),
    ("lone alias", "a: *token", "x.yml:1:4", "begins with *"),
    ("empty anchor", "a: &token", "x.yml:1:4", "begins with &"),
    ("nameless alias", "a: *", "x.yml:1:5", "& or *"),
    ("merge key", "a: &x {b: 1}\nc:\n  <<: *x", "x.yml:3:3", "merge keys"),
    ("own alias", "a: &x [*x]", "x.yml:1:8", "very value"),
    ("mapping as a key", "? [a]\n: b", "x.yml:1:3", "key must be a text"),
    ("mustache", "a: {{x}}", "x.yml:1:5", "${x}"),
    ("alias as a key", "a: &x b\n*x : c", "x.yml:2:1", "key must be a text"),
    ("no key", "{: b}", "x.yml:1:2", "key is missing"),
    ("blank key", "'': b", "x.yml:1:1", "key is missing"),
    ("no value", "[a, ,]", "x.yml:1:5", "value is missing"),
    ("too deep", "[" * 60 + "]" * 60, "x.yml:1:51", "inside one another"),
    (
        "too deep by aliases",
        f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 40}*a{']' * 40}",
        "x.yml:2:44",
        "inside one another",
    ),
    ("far too deep", "[" * 100_000, "x.yml:1:51", "inside one another"),
    ("billion laughs", BOMB, "x.yml:4:29", "grow by more than"),
]


@pytest.mark.parametrize(("text", "where", "word"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_cannot_be_read_is_named_with_its_place(text: str, where: str, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_document(text, "x.yml")
    assert caught.value.issues[0].where == where
    assert word in caught.value.issues[0].message


def test_every_duplicate_and_tag_is_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_document("a: 1\na: 2\nb: {c: 1, c: 2, c: 3}\nd: !x 1\ne: *y", "x.yml")
    places = [(issue.where, issue.field) for issue in caught.value.issues]
    assert places == [
        ("x.yml:2:1", "a"),
        ("x.yml:3:11", "b.c"),
        ("x.yml:3:17", "b.c"),
        ("x.yml:4:4", "d"),
        ("x.yml:5:4", "e"),
    ]


@pytest.mark.parametrize(
    "text",
    [PRODUCT_PAGE, "+a:\n  td>: x.sql\n  result_connection: name\n\n    data_object: members\n"],
    ids=["page", "task"],
)
def test_the_product_pages_indented_form_is_recognised_and_the_right_shape_shown(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_document(text, "x.yml")
    message = caught.value.issues[0].message
    assert "product page" in message
    assert "result_settings:\n        data_object: members" in message


@pytest.mark.parametrize(
    "text",
    [
        "a: *s3cret",
        "a: &s3cret",
        "a: !s3cret x",
        "a: !s3cret!x y",
        "a: 's3cret",
        "a: [s3cret",
        "a: s3cret: x",
        'a: "s3cret\\q"',
    ],
)
def test_an_error_repeats_no_value(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_document(text, "x.yml")
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None or "s3cret" not in str(caught.value.__cause__)


def test_a_node_does_not_print_its_value() -> None:
    assert "s3cret" not in repr(read_document("a: s3cret", "x.yml"))


YAMLISH = st.text(st.sampled_from("ab:- \n\t{}[],#&*!|>'\"%@`?~0\\u\ud83d\x00\ufeff\u2028.<"), max_size=40)


@settings(max_examples=400, deadline=None)
@given(YAMLISH | st.text(max_size=40))
def test_any_text_is_read_or_refused_with_places(text: str) -> None:
    issues: tuple[ValidationIssue, ...] = ()
    try:
        read_document(text, "x.yml")
    except ConfigError as error:
        issues = error.issues
    assert all(issue.where and issue.where.startswith("x.yml:") for issue in issues)


PLAIN = st.text(st.sampled_from("abzAZ019_+./-"), min_size=1, max_size=12).filter(
    lambda text: text[0].isalnum() and text not in {"null", "~"}
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(PLAIN, PLAIN | st.lists(PLAIN, min_size=1, max_size=3), min_size=1, max_size=5))
def test_plain_texts_come_back_as_written(values: dict[str, str | list[str]]) -> None:
    lines = [
        f"{key}: {value if isinstance(value, str) else '[' + ', '.join(value) + ']'}" for key, value in values.items()
    ]
    assert read_document("\n".join(lines), "x.yml").value == values
