"""What becomes of the documents that match, beside the plainest way to say it."""

from hypothesis import given
from hypothesis import strategies as st

from search import gathering, schema
from search.grammar import Narrow
from search.index import FACETS

VALUES = st.sampled_from(["", "a", "b", "c"])
DOCUMENT = st.fixed_dictionaries(
    {name: st.sets(VALUES.filter(bool)).map(tuple) if name in schema.SEVERAL else VALUES for name in FACETS}
    | {"family": st.sampled_from("vwxyz")}
)


@given(shelf=st.lists(st.tuples(DOCUMENT, st.booleans()), max_size=12), kind=VALUES, region=VALUES)
def test_a_family_counts_once_for_each_value_that_any_of_its_members_bears(shelf, kind, region):
    documents = [document for document, _ in shelf]
    columns = {name: [document[name] for document in documents] for name in (*FACETS, "family")}
    found = [number for number, (_, is_found) in enumerate(shelf) if is_found]
    kin = gathering.families(columns["family"], range(len(shelf)))
    inside, facets = gathering.narrowed(columns, found, Narrow(kind=kind, region=region), kin)

    def bears(number: int, name: str, value: str) -> bool:
        own = columns[name][number]
        return not value or (value in own if name in schema.SEVERAL else value == own)

    asked = {"kind": kind, "region": region}
    assert list(inside) == [n for n in found if all(bears(n, *one) for one in asked.items())]
    for name, counts in facets.items():
        among = [n for n in found if all(bears(n, *one) for one in asked.items() if one[0] != name)]
        families = {value: {columns["family"][n] for n in among if bears(n, name, value)} for value in "abc"}
        assert dict(counts) == {value: len(those) for value, those in families.items() if those}
