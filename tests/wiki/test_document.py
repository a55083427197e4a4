import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wiki import strategies
from wiki import document, limits
from wiki.errors import Invalid

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["a", "é", "e\u0301", "\r", "\x07"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["key", "a", "title", "B", "a_1", ""]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def numbered(name: str, count: int) -> dict[str, str]:
    return {f"{name}{n}": "1" for n in range(count)}


def numbered_rows(count: int) -> list[dict[str, str]]:
    return [{"key": str(n), "x": "1"} for n in range(count)]


def problems(value: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        document.clean(value)
    return [(problem.place, problem.code) for problem in refused.value.problems]


def test_what_people_write_is_brought_to_one_form() -> None:
    given = {
        "title": "Noria\r\nde nin\u0303os\r",
        "body": "  nada se recorta \t\n",
        "tags": ["riego", "agua", "", "riego", "nin\u0303o", "ni\u00f1o"],
        "bom": [
            {"key": "b", "name": "tubo", "spec": "", "regions": []},
            {"key": "a", "regions": ["MX", "BO", "MX"]},
            {"key": "c", "name": ""},
            {},
            {"key": "", "name": ""},
        ],
        "summary": "",
        "crops": [""],
        "steps": [],
    }
    assert document.clean(given) == {
        "title": "Noria\nde ni\u00f1os\n",
        "body": "  nada se recorta \t\n",
        "tags": ["agua", "ni\u00f1o", "riego"],
        "bom": [{"key": "b", "name": "tubo"}, {"key": "a", "regions": ["BO", "MX"]}],
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, [("", "not-an-object")]),
        ([], [("", "not-an-object")]),
        ({"Title": "x"}, [("Title", "bad-part-name")]),
        ({"a" * 41: "x"}, [("a" * 40, "bad-part-name")]),
        ({"a\ud800": "x", "": "x"}, [("a\ufffd", "bad-part-name"), ("", "bad-part-name")]),
        ({"a": 1, "b": True, "c": None, "d": {}}, [(name, "not-text") for name in "abcd"]),
        ({"a": ["x", 1]}, [("a", "not-text")]),
        ({"a": [["x"]]}, [("a", "not-text")]),
        ({"a": ["x", {"key": "a"}]}, [("a", "mixed")]),
        ({"a": [{"key": "a", "x": None, "y": ["z", 1], "z": {}}]}, [(f"a/a/{f}", "not-text") for f in "xyz"]),
        ({"a": [{"key": "a", "X": "1"}]}, [("a/a", "bad-field-name")]),
        ({"a": [{"x": "1"}, {"key": "A", "x": "1"}]}, [("a#1", "missing-key"), ("a#2", "bad-key")]),
        ({"a": [{"key": 5, "x": "1"}]}, [("a#1", "bad-key")]),
        ({"a": [{"key": "a" * 41, "x": "1"}]}, [("a#1", "bad-key")]),
        ({"a": [{"key": "a\n", "x": "1"}]}, [("a#1", "bad-key")]),
        ({"a": [{"key": "a", "x": "1"}, {"key": "a", "x": "2"}]}, [("a/a", "duplicate-key")]),
        ({"a": "x\x00"}, [("a", "control-character")]),
        ({"a": ["\x85"]}, [("a", "control-character")]),
        ({"a": "\ud83d"}, [("a", "control-character")]),
        ({"a": "\uffff"}, [("a", "control-character")]),
        ({"a": "ñ" * (limits.TEXT_PART // 2) + "x"}, [("a", "too-long")]),
        ({"a": ["x" * (limits.FIELD + 1)]}, [("a", "too-long")]),
        ({"a": [{"key": "a", "x": "x" * (limits.FIELD + 1)}]}, [("a/a/x", "too-long")]),
        ({"a": [str(n) for n in range(limits.ITEMS_PER_SET + 1)]}, [("a", "too-many-items")]),
        ({"a": numbered_rows(limits.ROWS_PER_PART + 1)}, [("a", "too-many-rows")]),
        ({"a": [{"key": "a", **numbered("x", limits.FIELDS_PER_ROW + 1)}]}, [("a/a", "too-many-fields")]),
        (numbered("a", limits.PARTS_PER_DOCUMENT + 1), [("", "too-many-parts")]),
        ({f"a{n}": "x" * limits.TEXT_PART for n in range(5)}, [("", "too-large")]),
    ],
)  # fmt: skip
def test_what_is_refused(value: object, expected: list[tuple[str, str]]) -> None:
    assert problems(value) == expected


def test_all_problems_are_told_at_once_up_to_a_limit() -> None:
    assert len(problems({"a": 1, "B": "", "c": ["\x07", "\x08"], "d": [{"key": "É", "x": "1"}]})) == 5
    assert len(problems({f"a{n}": n for n in range(3 * limits.PROBLEMS)})) == limits.PROBLEMS


def test_the_limits_themselves_are_allowed() -> None:
    assert document.clean({"a": "x" * limits.TEXT_PART, "b": [{"key": "a" * 40, "c": "x" * limits.FIELD}]})
    assert document.clean({"a": numbered_rows(limits.ROWS_PER_PART)})


def test_deep_nesting_is_refused_without_recursing() -> None:
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert problems({"a": deep, "b": [{"key": "a", "c": deep}]}) == [("a", "not-text"), ("b/a/c", "not-text")]


@given(anything | st.dictionaries(st.sampled_from(["title", "bom", "tags"]), anything))
def test_whatever_json_says_is_cleaned_or_refused(value: object) -> None:
    try:
        clean = document.clean(value)
    except Invalid as refused:
        str(refused).encode()
    else:
        assert document.clean(clean) == clean
        assert document.clean(json.loads(json.dumps(value))) == clean


@given(strategies.documents)
def test_the_canonical_form(doc: document.Document) -> None:
    raw = document.canonical(doc)
    assert document.load(raw) == doc == document.unpack(document.pack(doc))
    assert json.loads(raw.decode()) == doc
    assert unicodedata.is_normalized("NFC", raw.decode())
    turned = {name: doc[name] for name in reversed(doc)}
    assert document.canonical(turned) == raw
    assert document.sha256(turned) == document.sha256(doc)
    changed = {**doc, "title": document.text(doc, "title") + "x"}
    assert document.sha256(changed) != document.sha256(doc)


def test_the_canonical_bytes_never_change() -> None:
    doc = document.clean({"b": [{"key": "k", "z": "1", "a": ["ñ", "b"]}], "a": 'é"\n/'})
    assert document.canonical(doc) == '{"a":"é\\"\\n/","b":[{"a":["b","ñ"],"key":"k","z":"1"}]}'.encode()
    assert document.sha256({}).hex() == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_readers_by_shape() -> None:
    doc = document.clean({"t": "x", "s": ["x"], "r": [{"key": "a", "x": "1"}]})
    assert [document.shape(doc[name]) for name in "tsr"] == ["text", "set", "rows"]
    assert [document.text(doc, name) for name in "tsrq"] == ["x", "", "", ""]
    assert [document.items(doc, name) for name in "tsrq"] == [[], ["x"], [], []]
    assert [document.rows(doc, name) for name in "tsrq"] == [[], [], [{"key": "a", "x": "1"}], []]


def test_keys() -> None:
    keys = {document.new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(document.KEY.fullmatch(key) and len(key) == 8 for key in keys)
    assert document.derived_key("ni\u00f1o") == document.derived_key("nin\u0303o") == "2yii77xq"
    assert document.derived_key("a") == "zklycewk"
    assert all(document.KEY.fullmatch(document.derived_key(text)) for text in ("", "Ñ", "a/b.c", "\ud800"))
