"""Drawings: kept as they look, with nothing in them that acts, asks, or grows."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import timing
from tests.wiki import pictures as made
from wiki import drawings, errors, limits, styles

SVG = "{http://www.w3.org/2000/svg}"


def look(data: bytes) -> str:
    return drawings.safe(data).body.decode()


def code(data: bytes) -> str:
    with pytest.raises(errors.Invalid) as refused:
        drawings.safe(data)
    return refused.value.problems[0].code


def check_safe(body: bytes) -> None:
    """What is left are shapes and words, with plain attributes, that refer to nothing outside."""
    assert b"<!" not in body
    assert b"<?" not in body
    for element in ET.fromstring(body).iter():
        assert element.tag.startswith(SVG)
        assert element.tag.removeprefix(SVG) in drawings.ELEMENTS
        for name, value in element.attrib.items():
            name = name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
            assert name in drawings.ATTRIBUTES | styles.PROPERTIES | {"href", "xml:space"}
            assert value.startswith("#") if name == "href" else True
            assert "javascript" not in value.lower() or name.startswith("aria-")
            assert value.count("url(") == value.count("url(#")


SQUARE = made.SQUARE
LEFT_OUT = {
    "script": "<script>alert(1)</script>",
    "script by address": '<script href="https://evil.example/x.js"/>',
    "script in a name of its own": '<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>',
    "XHTML script": '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
    "CDATA": "<script><![CDATA[alert(1)]]></script>",
    "foreignObject": '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml" onclick="alert(1)">a</p></foreignObject>',
    "picture from elsewhere": '<image href="https://evil.example/x.png" width="1" height="1"/>',
    "picture inside": '<image xlink:href="data:image/svg+xml;base64,PHN2Zz4=" width="1" height="1"/>',
    "filter picture": '<filter id="f"><feImage href="https://evil.example/x.png"/></filter>',
    "animation": '<set attributeName="href" to="javascript:alert(1)"/><animate attributeName="onload" to="alert(1)"/>',
    "handler": "<handler>alert(1)</handler>",
    "embed": '<iframe src="https://evil.example"/><embed src="x"/><object data="x"/><video src="x"/><audio src="x"/>',
    "link": '<link rel="stylesheet" href="https://evil.example/x.css"/>',
    "imported style": "<style>@import url(https://evil.example/x.css);</style>",
    "font from elsewhere": "<style>@font-face{font-family:a;src:url(https://evil.example/x.woff)}</style>",
    "instruction": '<?xml-stylesheet href="https://evil.example/x.css"?>',
    "comment": "<!-- secreto -->",
    "editor's notes": '<metadata><rdf xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#">Rosa, -16.5</rdf></metadata>',
    "use of another file": '<use href="https://evil.example/x.svg#a"/>',
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_acts_or_asks_is_left_out_and_the_rest_is_kept(name):
    body = drawings.safe(made.svg(LEFT_OUT[name] + SQUARE)).body
    check_safe(body)
    assert SQUARE.encode() in body
    for word in (b"evil", b"alert", b"secreto", b"Rosa", b"data:"):
        assert word not in body


ATTRIBUTES = [
    'onload="alert(1)"',
    'onclick="alert(1)"',
    'ONLOAD="alert(1)"',
    'style="fill:url(https://evil.example/x.svg#a)"',
    'style="fill:u\\72l(https://evil.example/x)"',
    "style=\"fill:url('//evil.example/x')\"",
    'style="background:url(https://evil.example/x.png)"',
    'style="fill:image-set(&quot;https://evil.example/x&quot; 1x)"',
    'style="fill:/**/url(/**/https://evil.example/x)"',
    'style="behavior:expression(alert(1))"',
    'fill="url(https://evil.example/x.svg#a)"',
    'fill="url( &quot;https://evil.example/x.svg#a&quot; )"',
    'filter="url(https://evil.example/f.svg#f)"',
    'clip-path="url(https://evil.example/f.svg#f)"',
    'marker-end="URL(https://evil.example/m.svg#m)"',
    'mask="url(data:image/svg+xml,evil)"',
    'cursor="url(https://evil.example/c.cur)"',
    'xml:base="https://evil.example/"',
    'xlink:href="javascript:alert(1)"',
    'href="https://evil.example/"',
    'src="https://evil.example/"',
    'font-family="a;src:url(https://evil.example/f)"',
]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_attributes_that_act_or_ask_are_left_out(attribute):
    body = drawings.safe(made.svg(f'<rect {attribute} width="4" height="3"/>')).body
    check_safe(body)
    assert SQUARE.encode() in body
    assert b"evil" not in body
    assert b"alert" not in body


def test_a_link_is_taken_off_what_it_was_round():
    body = look(made.svg(f'<a xlink:href="javascript:alert(1)">{SQUARE}</a>'))
    assert SQUARE in body
    assert "<a" not in body


LAUGHS = '<!DOCTYPE svg [<!ENTITY a "ja">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
)
TREE = '<g id="a0"><rect width="1" height="1"/></g>' + "".join(
    f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 12)
)
MARKED = f'<marker id="m">{"<path/>" * 1000}</marker><g marker-mid="url(#m)"><path d="M0 0 {"1 1 " * 50_000}"/></g>'
REFUSED = {
    "billion laughs": (
        f"{LAUGHS}]><svg xmlns='http://www.w3.org/2000/svg'><text>&m;</text></svg>".encode(),
        "entities",
    ),
    "quadratic entity": (
        f"<!DOCTYPE svg [<!ENTITY a '{'a' * 100_000}'>]><svg xmlns='http://www.w3.org/2000/svg'>"
        f"<text>{'&a;' * 10_000}</text></svg>".encode(),
        "entities",
    ),
    "entity of a file": (
        b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg'>"
        b"<text>&a;</text></svg>",
        "entities",
    ),
    "entity of elsewhere": (
        b"<!DOCTYPE svg SYSTEM 'https://evil.example/x.dtd'><svg xmlns='http://www.w3.org/2000/svg'>"
        b"<text>&a;</text></svg>",
        "entities",
    ),
    "parameter entity": (
        b"<!DOCTYPE svg [<!ENTITY % a SYSTEM 'https://evil.example/x.dtd'> %a;]>"
        b"<svg xmlns='http://www.w3.org/2000/svg'><text/></svg>",
        "entities",
    ),
    "attributes for all": (
        b"<!DOCTYPE svg [<!ATTLIST rect id CDATA 'a'>]><svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>",
        "entities",
    ),
    "40,000 groups in each other": (made.svg("<g>" * 40_000 + SQUARE + "</g>" * 40_000), "nested"),
    "40,000 elements": (made.svg(SQUARE * 40_000), "drawing-large"),
    "25,000 elements": (made.svg("<path/>" * 25_000), "drawing-elements"),
    "uses of uses": (made.svg(TREE + '<use href="#a11"/>'), "drawing-elements"),
    "a use of itself": (made.svg(f'<g id="a">{SQUARE}<use href="#a"/></g>'), "drawing-loops"),
    "two patterns of each other": (
        made.svg(
            '<pattern id="a"><rect fill="url(#b)"/></pattern><pattern id="b"><rect fill="url(#a)"/></pattern>'
            '<rect fill="url(#a)"/>'
        ),
        "drawing-loops",
    ),
    "a marker at 50,000 points": (made.svg(MARKED), "drawing-elements"),
    "nothing": (made.svg("<script>alert(1)</script>"), "drawing-empty"),
    "HTML": (b"<html><body><svg><rect/></svg></body></html>", "drawing-broken"),
    "cut": (made.svg(SQUARE)[:-3], "drawing-broken"),
    "two roots": (made.svg(SQUARE) * 2, "drawing-broken"),
    "empty": (b"", "drawing-broken"),
    "2 MB": (made.svg(f"<!-- {' ' * 2_000_000} -->{SQUARE}"), "drawing-large"),
    "unknown letters": (b'<?xml version="1.0" encoding="nada"?>' + made.svg(), "drawing-broken"),
    "another name for svg": (b'<svg xmlns="http://evil.example/"><rect/></svg>', "drawing-broken"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_drawings_that_grow_loop_or_break_are_refused_at_once(name):
    data, why = REFUSED[name]
    found = []
    assert timing.cost(lambda: found.append(code(data))) < 1
    assert found[0] in (why, f"drawing-{why}")


M = 1_000_000
SLOW = {
    "figures": f'<path d="{"1" * M}"/>',
    "a size": f'<svg width="{"1" * M}x"/>',
    "brackets": f'<path transform="{"a(" * (M // 2)}"/>',
    "comments in a style": f'<g style="{"/*" * (M // 2)}"/>',
    "comments in a sheet": f"<style>{'/*' * (M // 2)}</style>",
    "rules at": f"<style>{'@a' * (M // 2)}</style>",
    "open rules": f"<style>{'a{' * (M // 2)}</style>",
    "selectors": f"<style>{'a,' * (M // 2)}{{fill:red}}</style>",
    "rules for all": f"<style>{'*{fill:red}' * 80_000}</style>{'<g/>' * 15_000}",
    "classes": "<style>"
    + "".join(f".a{n}{{fill:red}}" for n in range(2000))
    + "</style>"
    + f'<g class="{" ".join(f"a{n}" for n in range(2000))}"/>' * 60,
    "an address": f'<g fill="url(#{" " * M}"/>',
    "attributes": "<g " + " ".join(f'a{n}=""' for n in range(90_000)) + "/>",
    "names": f'<g id="{"a" * M}"/>',
    "a box": f'<svg viewBox="{"1" * M}"/>',
}


@pytest.mark.parametrize("name", SLOW)
def test_no_drawing_takes_long(name):
    found = []
    assert timing.cost(lambda: found.append(drawings.safe(made.svg(SLOW[name] + SQUARE)))) < 2
    check_safe(found[0].body)


def test_memory_stays_small(tmp_path, figure):
    program = "import sys; from wiki import drawings; drawings.safe(sys.stdin.buffer.read())"
    chosen = ("figures", "rules for all", "classes", "attributes")
    runs = [made.measured(made.svg(SLOW[name] + SQUARE), tmp_path, "-c", program) for name in chosen]
    busy, mib = max(run.busy for run in runs), max(run.mib for run in runs)
    figure(f"drawings made to be slow: at most {busy:.2f} s, {mib} MiB")
    assert busy < 5
    assert mib < 400


def test_styles_become_attributes_in_their_order():
    sheet = (
        "<style>*{stroke:black} rect{fill:red;x:1} .b{fill:green} .a{fill:blue!important} .b{stroke-width:9}"
        "#r{opacity:.5} g rect{fill:pink}</style>"
    )
    told = 'id="r" class="a b" style="stroke-width:2; fill : url(#p) "'
    first, second, third = ET.fromstring(look(made.svg(f'{sheet}<rect {told}/><rect/><path class="a b"/>')))
    assert first.attrib == {"id": "r", "stroke": "black", "fill": "url(#p)", "opacity": ".5", "stroke-width": "2"}
    assert second.attrib == {"stroke": "black", "fill": "red"}
    assert third.attrib == {"stroke": "black", "fill": "blue", "stroke-width": "9"}


def test_words_links_within_and_gradients_stay():
    inside = (
        "<title>Arado &amp; yugo</title><desc>De lado</desc>"
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient>'
        '<symbol id="s"><circle r="1"/></symbol></defs>'
        '<rect fill="url(#g) none" width="4" height="3"/><use xlink:href="#s" x="1"/>'
        '<text xml:space="preserve">a  <tspan dy="1">&lt;b&gt;</tspan></text>'
    )
    drawing = drawings.safe(made.svg(inside))
    assert (drawing.title, drawing.description) == ("Arado & yugo", "De lado")
    assert inside.replace("xlink:href", "href") in drawing.body.decode()
    check_safe(drawing.body)


def test_a_plain_declaration_of_svg_is_no_harm():
    declared = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    assert drawings.safe(declared + made.svg()).body == drawings.safe(made.svg()).body


@pytest.mark.parametrize(
    ("more", "size", "box"),
    [
        ('viewBox="0 0 40 30"', (40, 30), "0 0 40 30"),
        ('viewBox="0 0 40 30" width="80"', (80, 60), "0 0 40 30"),
        ('viewBox="0,0,40,30" width="100%" height="100%"', (40, 30), "0,0,40,30"),
        ('width="1in" height="25.4mm"', (96, 96), "0 0 96 96"),
        ('width="3200" height="100"', (1600, 50), "0 0 3200 100"),
        ("", (300, 150), None),
        ('width="-1" height="0"', (300, 150), None),
        ('viewBox="0 0 0 0" width="1e9" height="1e9"', (1600, 1600), "0 0 1e+06 1e+06"),
        ('viewBox="nada"', (300, 150), None),
        ('viewBox="0 0 1e-99 1e99"', (1, 1600), "0 0 1e-99 1e99"),
    ],
)
def test_every_drawing_has_a_size(more, size, box):
    drawing = drawings.safe(made.svg(more=more))
    assert (drawing.width, drawing.height) == size
    assert ET.fromstring(drawing.body).get("viewBox") == box


@pytest.mark.data
def test_hostile_drawings_are_refused_or_safe(shared):
    found = sorted((shared / "data/attachments/hostile").glob("*.svg"))
    assert len(found) == 3
    for path in found:
        check_or_refuse(path.read_bytes())


@pytest.mark.data
def test_real_drawings_keep_their_shapes_and_come_out_the_same_twice(shared, figure):
    found = [p for p in sorted((shared / "data").rglob("*.svg")) if "hostile" not in p.parts]
    assert len(found) == 18
    for path in found:
        drawing = drawings.safe(path.read_bytes())
        check_safe(drawing.body)
        assert drawings.safe(drawing.body).body == drawing.body
        shapes = [shapes_of(ET.fromstring(data)) for data in (path.read_bytes(), drawing.body)]
        assert shapes[0] == shapes[1], path.name
    figure(f"{len(found)} real drawings keep all their shapes")


def shapes_of(root: ET.Element) -> list[tuple[str, str]]:
    return [
        (e.tag, e.get("d", ""))
        for e in root.iter()
        if isinstance(e.tag, str) and e.tag.removeprefix(SVG) in drawings.SHAPES
    ]


@pytest.mark.data
def test_attacks_on_pages_do_nothing_in_a_drawing(shared):
    vectors = json.loads((shared / "data/xss/owasp-xss-vectors.json").read_text())
    payloads = [
        str(v) if isinstance(v, str) else json.dumps(v)
        for v in next(v for v in vectors.values() if isinstance(v, list))
    ]
    assert len(payloads) >= 50
    for payload in payloads:
        check_or_refuse(made.svg(payload + SQUARE))
        check_or_refuse(made.svg(f"<text>{payload}</text>"))


def check_or_refuse(data: bytes) -> None:
    try:
        drawing = drawings.safe(data)
    except errors.Invalid:
        return
    check_safe(drawing.body)


PIECES = st.sampled_from(
    ["<g>", "</g>", "<g/>", SQUARE, '<use href="#a"/>', '<g id="a">', "<style>", "</style>", ".a{fill:red}", "<text>",
     "</text>", "&amp;", "&#13;", "&#0;", "\t\n", "]]>", "<![CDATA[", '<rect class="a" onload="x"/>', "<a>", "</a>",
     '<path d="M0 0&#10;1 1" style="fill:url(#a);stroke:x"/>', "<script>", "</script>", "<title>", "</title>",
     '<rect fill="url(#a" stroke="&quot;"/>', "<switch>", "</switch>", "é", "\u202e", '<text xml:lang="qu">a</text>']
)  # fmt: skip


@given(st.lists(PIECES, max_size=14))
def test_whatever_is_sent_is_refused_or_safe_and_stays_the_same(parts):
    try:
        drawing = drawings.safe(made.svg("".join(parts)))
    except errors.Invalid:
        return
    check_safe(drawing.body)
    assert drawings.safe(drawing.body) == drawing


@given(st.binary(max_size=60), st.integers(0, 200))
def test_bytes_of_any_kind_break_nothing(noise, at):
    whole = made.svg('<style>.a{fill:red}</style><text class="a">x</text>' + SQUARE)
    check_or_refuse(whole[:at] + noise + whole[at:])


def test_what_a_drawing_may_say_is_written_once():
    assert not drawings.ELEMENTS & {
        "script",
        "foreignObject",
        "image",
        "style",
        "a",
        "animate",
        "set",
        "filter",
        "iframe",
    }
    assert not {name for name in drawings.ATTRIBUTES | styles.PROPERTIES if name.startswith("on") or "href" in name}
    assert limits.DRAWING_DEPTH < 100
