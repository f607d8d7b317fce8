"""JSON as anybody could send it, for properties of the decoders."""

from hypothesis import strategies as st

SPACE = st.sampled_from(["", "", "", " ", "\n", "\t \r\n"])
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["-0", "1.10", "1E+5", "1e400", "-1e400", "1e-400", "0.0e9", "9" * 30, str(2**63), str(-(2**63))]),
)
PIECES = st.one_of(
    st.sampled_from([r"\n", r"\"", r"\\", r"\/", r"\u0000", r"\u001F", r"\uD83E\uDD28", r"\u00e9"]),
    st.sampled_from([" ", ", ", ": ", "{", "}", "[", "]", "\x7f", "é", "🤨", "\u2028", "\u3000"]),
    st.text(st.characters(codec="utf-8", exclude_characters='"\\', min_codepoint=0x20), max_size=5),
    st.sampled_from(["a"] * 9 + [r"\uD83E", r"\udd28"]),  # half a character is rare: msgspec refuses the whole call
)
TEXTS = st.lists(PIECES, max_size=6).map(lambda pieces: '"' + "".join(pieces) + '"')
SCALARS = st.one_of(TEXTS, NUMBERS, st.sampled_from(["true", "false", "null"]))


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    elements = draw(st.lists(values, max_size=4))
    inside = ",".join(draw(SPACE) + each + draw(SPACE) for each in elements) or draw(SPACE)
    return f"[{inside}]"


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[str], names: st.SearchStrategy[str] = TEXTS) -> str:
    members = draw(st.lists(st.tuples(names, values), max_size=6))
    inside = ",".join(f"{draw(SPACE)}{name}{draw(SPACE)}:{draw(SPACE)}{value}{draw(SPACE)}" for name, value in members)
    return "{" + (inside or draw(SPACE)) + "}"


VALUES = st.recursive(SCALARS, lambda values: arrays(values) | objects(values), max_leaves=12)
NAMES = st.one_of(
    TEXTS,
    st.sampled_from(['"type"', '"Type"', '"t\\u0079pe"', '"webhookEventId"', '"webhookeventid"', '"other"', '"x y"']),
)
EVENTS = objects(VALUES, NAMES)


@st.composite
def calls(draw: st.DrawFn) -> str:
    """Give the text of a call that can be read, with the same names more than once, in any order."""
    last = '"events":' + draw(arrays(EVENTS) | arrays(EVENTS | VALUES))
    before = draw(st.lists(st.sampled_from(['"destination":', '"\\u0065vents":', '"events":', '"x":']), max_size=3))
    members = [name + draw(VALUES) for name in before] + [last]
    after = draw(st.lists(st.sampled_from(['"destination":', '"y":']), max_size=2))
    members += [name + draw(VALUES) for name in after]
    return draw(SPACE) + "{" + ",".join(draw(SPACE) + each + draw(SPACE) for each in members) + "}" + draw(SPACE)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Give a call's text with a character taken out, put in or replaced."""
    text = draw(calls())
    place = draw(st.integers(0, len(text)))
    put = draw(
        st.sampled_from(['"', "\\", "{", "}", "[", "]", ",", ":", "\0", "\n", " ", "0", "-", "e", ".", "NaN", "x"])
    )
    return text[:place] + draw(st.sampled_from(["", put])) + text[place + draw(st.integers(0, 1)) :]
