"""The adaptation table and the drawing of a family."""

from hypothesis import given
from hypothesis import strategies as st

from designs import adaptations, families, forks, lineage
from tests.designs.examples import pump
from wiki import history, pages, spaces

FIRST = pump()


def cells(lines, key):
    return [(cell.what, cell.words, cell.why) for cell in next(line for line in lines if line.key == key).cells]


def test_each_relative_keeps_changes_adds_or_drops():
    other = pump(
        bom=[
            {"key": "soga", "quantity": "30", "unit": "m", "name": "Soga de cabuya", "spec": "6 mm"},
            {"key": "freno", "quantity": "1", "unit": "u", "name": "Freno"},
        ],
        steps=[FIRST["steps"][0]],
        adaptations=[
            {"key": "a", "place": "bom/soga", "reason": "materials", "why": "Aquí hay cabuya."},
            {"key": "b", "place": "steps/guia", "reason": "climate", "why": "No hace falta."},
        ],
    )
    lines = adaptations.table([FIRST, other])
    assert cells(lines, "soga") == [("kept", "", ""), ("changed", "30 m · Soga de cabuya", "Aquí hay cabuya.")]
    assert cells(lines, "tubo") == [("kept", "", ""), ("dropped", "", "")]
    assert cells(lines, "freno") == [("absent", "", ""), ("added", "1 u · Freno", "")]
    assert cells(lines, "guia") == [("kept", "", ""), ("dropped", "", "No hace falta.")]
    assert [line.key for line in lines if line.is_shared] == ["rueda"]
    assert (lines[0].part, lines[0].title) == ("bom", "Mecate de nailon")


def test_words_of_another_language_are_no_difference():
    other = pump(bom=[{**FIRST["bom"][0], "name": "Nylon rope"}, FIRST["bom"][1]])
    assert cells(adaptations.table([FIRST, other], only_figures=[False, True]), "soga")[1][0] == "kept"
    assert cells(adaptations.table([FIRST, other]), "soga")[1][0] == "changed"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_every_member_stands_on_a_row_of_its_own_and_is_joined_with_what_it_was_made_from(above):
    members, depth = [(0, None, 0)], {0: 0}
    for number, parent in enumerate(above, 1):
        parent = min(parent, number - 1)
        depth[number] = depth[parent] + 1
        members.append((number, parent, depth[number]))
    drawing = lineage.drawn(members)
    assert len({y for _, y in drawing.dots}) == len(members)
    assert len(drawing.lines) == len(members) - 1
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in drawing.dots)


def test_a_family_is_told_as_a_tree_with_regions_distances_and_what_was_made_elsewhere(context, comun, rosa, tomas):
    def begin(space, title, **more):
        saved = pages.create(space, pump(title=title, **more), language="es", by=rosa)
        return history.find_page_by_id(saved.page_id)

    def fork(page, slug, space=comun, **more):
        told = {"relation": "adaptation", "note": "Con bambú.", "slug": slug, **more}
        saved = forks.fork(history.get_version(page), space, **told, by=rosa)
        return history.find_page_by_id(saved.page_id)

    url = "https://example.org/pump"
    first = begin(comun, "Bomba", sources=[{"key": "at-1", "kind": "web", "url": url + "/"}])
    valle = spaces.found("valle", by=rosa)
    one, two = fork(first, "una", valle), fork(first, "dos", relation="variant")
    three = fork(one, "tres", valle)
    made = begin(comun, "De otra parte", sources=[{"key": "f", "kind": "fork-of", "url": url}])
    pages.retire(two, by=rosa)
    family = families.of(three)
    told = [(m.name, m.depth, m.distance, m.upstream, m.behind) for m in family.members]
    assert told == [
        ("comun/bomba", 0, 2, "", 0),
        ("valle/una", 1, 1, "comun/bomba", 0),
        ("valle/tres", 2, 0, "valle/una", 0),
    ]
    pages.save(first, {**history.get_version(first).document, "summary": "Otra."}, base=1, by=rosa)
    assert next(m.behind for m in families.of(three).members if m.slug == "una") == 1
    assert families.of(first).made_into == (("comun/de-otra-parte", "De otra parte"),)
    assert families.of(made).made_from == (("comun/bomba", "Bomba"),)
    assert families.of(first, limit=1).more
    table = families.table(family, three)
    assert [m.slug for m in table.members] == ["bomba", "tres", "una"]
    assert all(line.is_shared for line in table.lines)
