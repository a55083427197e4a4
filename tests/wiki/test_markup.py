import concurrent.futures
import html.parser
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.ruler import Ruler

from tests import sizes, timing
from wiki import limits, markup, markup_rules, markup_safe

FILE = "a1" * 32
REL = 'rel="nofollow noopener noreferrer ugc"'
SIZE = limits.TEXT_PART


class Shown(html.parser.HTMLParser):
    """What a reader meets in HTML: words, ids, and where links go."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words, self.ids, self.hrefs, self.tags = "", list[str](), list[str](), set[str]()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_nothing_is_left_to_be_made_when_threads_share_the_parser(monkeypatch):
    """While its rules are compiled, another thread would read with some of them, or with none."""
    markup_rules.parser.cache_clear()
    markup_rules.parser()
    compiling = []
    monkeypatch.setattr(Ruler, "__compile__", lambda ruler: compiling.append(ruler))
    assert "<strong>dos</strong>" in markup.render("# Uno\n\n- **dos** [[comun/bomba]]\n\n|a|\n|-|\n|~~c~~|\n")
    assert compiling == []


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[[comun/bomba]]", '<a href="/c/comun/bomba">comun/bomba</a>'),
        ("[[comun/bomba|la *bomba*]]", '<a href="/c/comun/bomba">la *bomba*</a>'),
        ("[[a/b|  ]]", '<a href="/c/a/b">a/b</a>'),
        ("**[[a/b|c]]**", '<strong><a href="/c/a/b">c</a></strong>'),
        ("[out [[a/b]]](/x)", '[out <a href="/c/a/b">a/b</a>](/x)'),
        ("`[[a/b]]`", "<code>[[a/b]]</code>"),
        (r"\[[a/b]]", "[[a/b]]"),
        ("[[A/b]]", "[[A/b]]"),
        ("[[a]]", "[[a]]"),
        ("[[a/b/c]]", "[[a/b/c]]"),
        ("[[-a/b]]", "[[-a/b]]"),
        ("[[a/b|c|d]]", '<a href="/c/a/b">c|d</a>'),
        (f"[[a/{'b' * 80}]]", f'<a href="/c/a/{"b" * 80}">a/{"b" * 80}</a>'),
        (f"[[a/{'b' * 81}]]", f"[[a/{'b' * 81}]]"),
    ],
)
def test_wiki_links(source: str, shown: str) -> None:
    assert markup.render(source) == f"<p>{shown}</p>\n"


def test_links_are_those_that_are_shown() -> None:
    source = (
        "[[a/one]] `[[a/code]]` ![[[a/alt]]](x) [[a/one|again]][^n] \\[[a/escaped]]\n\n"
        "    [[a/block]]\n\n| [[a/cell\\|words]] |\n|-|\n\n[^n]: [[a/note]]\n[^m]: [[a/unnamed]]\n"
    )
    assert markup.links(source) == {("a", "one"), ("a", "cell"), ("a", "note")}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[x](https://a.org/?q=1&r=2)", f'<a href="https://a.org/?q=1&amp;r=2" {REL}>x</a>'),
        ("<https://a.org>", f'<a href="https://a.org" {REL}>https://a.org</a>'),
        ("<ana@a.org>", f'<a href="mailto:ana@a.org" {REL}>ana@a.org</a>'),
        ("[x](tel:+51999)", f'<a href="tel:+51999" {REL}>x</a>'),
        ('[x](/c/a/b "t")', '<a href="/c/a/b" title="t">x</a>'),
        ("[x](/)", '<a href="/">x</a>'),
        ("[x](#Así-es)", '<a href="#t-asi-es">x</a>'),
        ("[x](#t-asi)", '<a href="#t-asi">x</a>'),
        (f"[x]({FILE}/plan.pdf)", f'<a href="/files/{FILE}/plan.pdf">x</a>'),
        ("[*x*](page.md)", "<em>x</em>"),
        ("[x](?q)", "x"),
        ("[x](#)", "x"),
        ("[x]()", "x"),
        ("[x](//a.org)", "x"),
        (r"[x](/\a.org)", '<a href="/%5Ca.org">x</a>'),
        ("[x](ftp://a.org)", "x"),
        ("[x](https:a.org)", "x"),
        ("[x](https:///a.org)", "x"),
        ("[a <https://a.org> b](/x)", '<a href="/x">a https://a.org b</a>'),
        ("[a <https://a.org> b](x)", f'a <a href="https://a.org" {REL}>https://a.org</a> b'),
    ],
)
def test_links(source: str, shown: str) -> None:
    assert markup.render(source) == f"<p>{shown}</p>\n"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (f"![alt](/files/{FILE}/a.jpg)", f'<img src="/files/{FILE}/a.jpg" alt="alt" loading="lazy">'),
        (
            f'![a *b*]({FILE}/a.jpg "t")',
            f'<img src="/files/{FILE}/a.jpg" alt="a b" loading="lazy" title="t">',
        ),
        (f"![]({FILE}/a.jpg)", f'<img src="/files/{FILE}/a.jpg" alt="" loading="lazy">'),
        (
            f"[![a]({FILE}/a.jpg)](/x)",
            f'<a href="/x"><img src="/files/{FILE}/a.jpg" alt="a" loading="lazy"></a>',
        ),
        ("![alt](https://a.org/b.png)", f'<a href="https://a.org/b.png" {REL}>alt</a>'),
        ("![](https://a.org/b.png)", f'<a href="https://a.org/b.png" {REL}>https://a.org/b.png</a>'),
        ("[![alt](https://a.org/b.png)](/x)", '<a href="/x">alt</a>'),
        ("![](images/top.png)", "images/top.png"),
        ("![alt](data:image/png;base64,AAAA)", "alt"),
        ("a![](data:image/png;base64,AAAA)", "a"),
        (f"![a](/files/{FILE}/..)", f'<a href="/files/{FILE}/..">a</a>'),
        (f"![a](/files/{FILE}/%2E%2e)", f'<a href="/files/{FILE}/%2E%2e">a</a>'),
        (f"![a](/files/{FILE}/a/b)", f'<a href="/files/{FILE}/a/b">a</a>'),
        (f"![a](/files/{FILE.upper()}/a)", f'<a href="/files/{FILE.upper()}/a">a</a>'),
        (f"![a](https://a.org/files/{FILE}/a)", f'<a href="https://a.org/files/{FILE}/a" {REL}>a</a>'),
    ],
)
def test_pictures(source: str, shown: str) -> None:
    assert markup.render(source) == f"<p>{shown}</p>\n"


def test_headings_are_one_list_and_one_page() -> None:
    source = "# Así es: *Bomba* `v2` ![foto](x)\n\nA 2\n=\n\n# A\n\n# A\n\n# A\n\n# \n\n# A 3\n\n###### 水\n"
    assert markup.headings(source, "body") == [
        (2, "t-body-asi-es-bomba-v2-foto", "Así es: Bomba v2 foto"),
        (2, "t-body-a-2", "A 2"),
        (2, "t-body-a", "A"),
        (2, "t-body-a-3", "A"),
        (2, "t-body-a-4", "A"),
        (2, "t-body-a-3-2", "A 3"),
        (6, "t-body-s", "水"),
    ]
    shown = markup.render(source, "body")
    assert re.findall(r'<h(\d) id="([^"]*)"', shown) == [(str(n), i) for n, i, _ in markup.headings(source, "body")]
    assert "<h2></h2>" in shown


def test_headings_go_down_as_told() -> None:
    assert markup.render("# a\n\n##### b", shift=2) == '<h3 id="t-a">a</h3>\n<h6 id="t-b">b</h6>\n'
    assert markup.headings("# a", shift=2) == [(3, "t-a", "a")]


def test_a_prefix_has_plain_signs() -> None:
    with pytest.raises(ValueError, match="prefix"):
        markup.render("a", 'x"')


def test_notes_go_there_and_back() -> None:
    assert markup.render("a[^x] b[^x]\n\n[^x]: uno\n", "p") == (
        '<p>a<sup><a href="#t-p-note.1" role="doc-noteref" id="t-p-ref.1">[1]</a></sup> '
        'b<sup><a href="#t-p-note.1" role="doc-noteref">[1]</a></sup></p>\n'
        '<ol class="notes">\n<li id="t-p-note.1">\n'
        '<p>uno <a href="#t-p-ref.1" role="doc-backlink">↩\ufe0e</a></p>\n</li>\n</ol>\n'
    )


def test_links_to_notes_are_counted() -> None:
    shown = markup.render("[^a]: uno\n\n" + "[^a]" * 2000)
    assert shown.count("doc-noteref") == limits.MARKUP_NOTE_LINKS
    assert Shown(shown).words.count("[^a]") == 1000


def test_tasks() -> None:
    assert markup.render("- [ ] a\n- [x] **b**\n- [X] [c](/d)\n- [y] e\n- [ ]\n") == (
        '<ul>\n<li class="task">☐ a</li>\n<li class="task">☑ <strong>b</strong></li>\n'
        '<li class="task">☑ <a href="/d">c</a></li>\n<li>[y] e</li>\n<li>[ ]</li>\n</ul>\n'
    )


def test_a_table_scrolls_in_a_box_that_its_columns_name() -> None:
    assert markup.render("|a|b|\n|:-:|-|\n|1|\n", "p") == (
        '<div class="scroll" role="group" tabindex="0" aria-labelledby="t-p-table.1">\n<table>\n'
        '<thead id="t-p-table.1">\n<tr>\n<th class="align-center" scope="col">a</th>\n<th scope="col">b</th>'
        '\n</tr>\n</thead>\n<tbody>\n<tr>\n<td class="align-center">1</td>\n<td></td>\n</tr>\n</tbody>\n'
        "</table>\n</div>\n"
    )


def test_plain_has_the_words_and_no_marks() -> None:
    source = (
        "# Bomba de **mecate**\n\nAgua\nclara[^1] con [[a/b|la cuerda]] y ![foto](x) <b>\n\n"
        "- [ ] medir &amp; cortar\n\n|A|B|\n|-|-|\n|1|2|\n\n```sh\nmake x\n```\n\n[^1]: Nota ~~vieja~~.\n"
    )
    assert markup.plain(source).split("\n") == [
        "Bomba de mecate",
        "Agua clara con la cuerda y foto <b>",
        "medir & cortar",
        *("A", "B", "1", "2", "make x", "Nota vieja."),
    ]


def test_words_that_lie_too_deep_stay() -> None:
    for source in (
        ">" * 40 + " hondo",
        "".join("  " * depth + "- x\n" for depth in range(12)) + "  " * 12 + "- hondo",
        "*a " * 40 + "hondo" + " b*" * 40,
        "[" * 40 + "hondo" + "](/x)" * 40,
        "[^a]: uno\n\n    [^b]: hondo\n\n[^a]",
        "x[^a]\n\n- [^a]: hondo *y*\n\n[^a]: nota",
    ):
        assert "hondo" in Shown(markup.render(source)).words
        assert "hondo" in markup.plain(source)


def test_emphasis_is_bounded() -> None:
    assert markup.render("*a " * 500 + "x" + " b*" * 500).count("<em>") == limits.MARKUP_DEPTH


def test_rows_beyond_the_cells_of_a_text_are_words() -> None:
    table = "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n"
    shown = markup.render(table + "b\n" * 5000 + "\nfin\n\n" + table)
    assert 9000 < shown.count("<td") + shown.count("<th") <= limits.MARKUP_CELLS
    assert Shown(shown).words.count("b") == 5000
    assert "fin" in shown
    whole = "|a|b|\n|-|-|\n" + "|1|2|\n" * 500
    assert markup.render(whole).count("<tr>") == 501


def test_what_is_beyond_the_marks_is_shown_as_written() -> None:
    source = "*a*\n" * (limits.MARKUP_LINES + 1) + "\n**fin**\n"
    assert markup.render(source).endswith("**fin**\n</code></pre>\n")
    assert markup.plain(source).endswith("**fin**")
    long = "palabras y más palabras. " * 10 + "**negro** [[a/b]]\n\n"
    assert markup.render(long * 950).count("<strong>") == 950, "a page of 256 KiB is read to its end"


@pytest.mark.parametrize(
    "source",
    [
        "[a]: https://a.org/" + "x" * 2000 + "\n\n" + "[a] " * 9000,
        '[a]: b "' + "x" * 2000 + '"\n\n' + "![][a] " * 9000,
        "[a]: " + "x" * 2000 + "\n\n" + "![][a] " * 9000,
        "[^a]: b\n\n" + "[^a]" * 9000,
    ],
)
def test_what_is_written_once_is_not_shown_without_end(source: str) -> None:
    assert len(markup.render(source)) < 4 * SIZE


HOSTILE = {
    "open": "[",
    "pictures": "![",
    "wiki": "[[",
    "wiki words": "[[a/b|c",
    "link": "[a](",
    "address": "[a](<b",
    "notes": "[^a",
    "note in note": "[^a]: ",
    "inline notes": "^[a",
    "stars": "*a **b ",
    "stars and lines": "*_",
    "struck": "~~a ",
    "ticks": "`a``b",
    "entities": "&#x",
    "tags": "<a ",
    "comments": "<!--",
    "addresses": "<http://a.b> ",
    "quotations": ">",
    "quotations, lists": "> - 1. ",
    "lists": "- a\n",
    "numbers": "1. a\n",
    "headings": "# a\n",
    "lines": "a\n",
    "definitions": "[a]: b\n",
    "definitions, titles": "[a]: b\n'",
    "definitions, open": "[a\n",
    "tables": "|a|\n|-|\n\n",
    "escapes": "\\[",
    "html": "<div><svg><math>",
    "fences": "~~~a\n",
}
WHOLE = {
    "lazy": "> " * 20 + "a\n" + "a\n" * (SIZE // 2),
    "wide": "|" + "a|" * 60000 + "\n|" + "-|" * 60000,
    "sparse": "|" + "a|" * 250 + "\n|" + "-|" * 250 + "\n" + "a\n" * (SIZE // 2),
    "steps": "".join("  " * depth + "- a\n" for depth in range(500)),
    "deep links": "[" * (SIZE // 5) + "](b)" * (SIZE // 5),
    "deep pictures": "![" * (SIZE // 6) + "](b)" * (SIZE // 6),
    "deep stars": "*a " * (SIZE // 6) + " a*" * (SIZE // 6),
    "growing ticks": "".join("`" * length + " " for length in range(720)),
    "notes": "".join(f"[^{n}]: a\n\n" for n in range(9000)) + "".join(f"[^{n}]" for n in range(9000)),
    "same ids": "# a\n# a 2\n" * (SIZE // 10),
}


@pytest.mark.parametrize("name", [*HOSTILE, *WHOLE])
def test_hostile_texts_take_no_time(name: str) -> None:
    source = (HOSTILE[name] * SIZE)[:SIZE] if name in HOSTILE else WHOLE[name]
    shown: list[str] = []
    assert timing.cost(lambda: shown.append(markup.render(source))) < 2
    assert len(shown[0]) < 8 * SIZE


def test_threads_share_the_parser() -> None:
    sources = [f"# {n}\n\nx[^1] [[a/b-{n}]]\n\n|a|\n|-|\n\n[^1]: {n}\n" for n in range(40)]
    alone = [markup.render(source) for source in sources]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(markup.render, sources)) == alone


SIGNS = [
    *'a[]()|*_`<>\\"\n\t\0\u202e',
    *[
        "B ",
        "ñ",
        "\n\n",
        "    ",
        "1. ",
        "- ",
        "> ",
        "# ",
        "---",
        "===",
        "[ ] ",
        "[x] ",
        "~~",
        "**",
        "```",
        "|-|-|\n",
    ],
    *["![", "[[a/b", "]]", "[^1]", "[^1]: ", "[a]: ", "&amp;", "#a", "/x", "https://a.org", "javascript:x"],
    f"{FILE}/n.png",
]


@given(st.lists(st.sampled_from(SIGNS), max_size=40).map("".join))
def test_any_text_has_one_harmless_page(source: str) -> None:
    page = markup.render(source, "p")
    shown = Shown(page)
    assert len(set(shown.ids)) == len(shown.ids)
    assert all(name.startswith("t-p-") for name in shown.ids)
    assert all(markup_safe.attribute("a", "href", href) == href for href in shown.hrefs)
    assert markup_safe.clean(page) == page
    assert {f"/c/{space}/{slug}" for space, slug in markup.links(source)} <= set(shown.hrefs)
    assert [i for i in shown.ids if "." not in i] == [i for _, i, _ in markup.headings(source, "p")]
    assert markup.render(source, "p") == page


@given(st.text(max_size=sizes.of(100, 1000)))
def test_text_of_any_signs(source: str) -> None:
    markup.render(source)
    markup.plain(source)
