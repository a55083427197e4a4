"""Folders of documentation become one design in each of their languages."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designs import bills, buildup, documentation, folders, foreign, imports, licence_texts, loading
from tests import timing
from tests.wiki import pictures as made
from wiki import document, files, history, verify

PICTURE = made.saved(made.scene(64, 48), "PNG")
STL = bytes(80) + struct.pack("<I", 1) + bytes(50)
LICENCE = b"CERN Open Hardware Licence Version 2 - Strongly Reciprocal\n"
BUILT = {
    "LICENSE": LICENCE,
    "buildconf.yaml": b"Authors:\n  - Taller Tala\nCustomCategories:\n  PrintedTool:\n    Reuse: true\n",
    "index.md": b"# Bomba de mecate\n\nSube agua de un pozo con una cuerda sin fin y tapones.\n\n"
    b"* [.](rueda.md){step}\n* [El marco](marco.md){step}\n",
    "rueda.md": b"# La rueda\n\n{{BOM}}\n\n[tornillo]: partes/tornillo.md \"{cat:mech}\"\n\n"
    b"## Cortar {pagestep}\n\nCorte la [llanta](partes/llanta.md){qty: 1} y use [tornillos][tornillo]{qty: 4}"
    b" con una [llave](partes/llave.md){qty: 1, cat: tool}.\n\n![la rueda](fotos/rueda.png)\n![](fotos/falta.jpg)\n",
    "marco.md": b"#El marco\n\nUse 2.5 m de [tubo]{qty: 2.5 m}, [tornillos][tornillo]{qty:2, cat: mech} y el"
    b" [molde]{qty: 1, cat: printedtool}.\n\n>i Cuidado.\n\n[tornillo]: partes/tornillo.md \"{cat:mech}\"\n"
    b"Baje la [pieza](modelos/rueda.stl). [la rueda](fromstep){qty: 1}\n",
    "partes/tornillo.md": b"---\nPartData:\n  Specs:\n    Largo: 10 mm\n    Material: acero\n---\n# Tornillo\n",
    "partes/llanta.md": b"# Llanta\n",
    "partes/llave.md": b"# Llave\n",
    "sobra.md": b"# Nadie lleva aqui\n",
    "fotos/rueda.png": PICTURE,
    "modelos/rueda.stl": STL,
    "static/Logo/logo.pdf": b"%PDF-1.7\n%%EOF\n",
}  # fmt: skip


def told(contents, **kept):
    folder = folders.read("proyecto", contents)
    return folder, documentation.of(
        folder, {path: (path.encode().hex()[:64].ljust(64, "0"), path) for path in kept or folder.wanted}
    )


def names(content, part, field="name"):
    return [row.get(field) for row in document.rows(content, part)]


def test_pages_of_gitbuilding_give_steps_parts_and_tools():
    _, (design,) = told(BUILT)
    content = design.document
    assert (content["title"], content["kind"], design.language) == ("Bomba de mecate", "machine", "es")
    assert content["summary"] == "Sube agua de un pozo con una cuerda sin fin y tapones."
    assert names(content, "steps", "title") == ["La rueda", "El marco"]
    bill = {row["name"]: (row.get("quantity"), row.get("unit"), row.get("spec")) for row in content["bom"]}
    assert bill == {
        "llanta": ("1", None, None),
        "tornillo": ("6", None, "Largo: 10 mm, Material: acero"),
        "tubo": ("2.5", "m", None),
    }
    assert names(content, "tools") == ["llave", "molde"]
    first, second = content["steps"]
    by_key = {row["key"]: row["name"] for part in ("bom", "tools") for row in content[part]}
    assert sorted(by_key[key] for key in first["parts"]) == ["llanta", "tornillo"]
    assert [by_key[key] for key in second["tools"]] == ["molde"]
    assert "{" not in first["text"] + second["text"]
    assert "tornillos con una llave" in first["text"]
    assert "> Cuidado." in second["text"]
    assert "Nadie lleva" not in str(content)
    assert names(content, "credits") == ["Taller Tala"]
    assert {row["key"]: row["licence"] for row in content["licences"]} == {
        "documentation": "CERN-OHL-S-2.0", "hardware": "CERN-OHL-S-2.0",
    }  # fmt: skip


def test_pictures_and_files_come_with_the_pages_that_show_them():
    folder, (design,) = told(BUILT)
    assert folder.wanted == ["fotos/rueda.png", "modelos/rueda.stl"]
    assert folder.missing == {"falta.jpg"}
    kept = {row["name"]: row for row in design.document["files"]}
    assert {name: row["role"] for name, row in kept.items()} == {
        "fotos/rueda.png": "photo",
        "modelos/rueda.stl": "export",
    }
    first, second = design.document["steps"]
    assert f"![la rueda](/files/{kept['fotos/rueda.png']['sha256']}/" in first["text"]
    assert f"[pieza](/files/{kept['modelos/rueda.stl']['sha256']}/" in second["text"]


LESSONS = {
    "LICENSE": b"Copyright (c) 2021 Cooperativa Sol\n\nPermission is hereby granted, free of charge, to any person\n",
    "README.md": b"# Watering\n\nThe soil tells you when the plants need water.\n",
    "1-sensor/README.md": b"# The sensor\n\nPut it into the soil. ![where](../images/a.png)\n",
    "1-sensor/wire.md": b"# The wire\n\nOf copper.\n",
    "2-valve/README.md": b"# The valve\n\nIt opens.\n",
    "about.md": b"# Who we are\n\nPeople of the valley.\n",
    "translations/es/README.md": "# Riego\n\nLa tierra dice cuándo las plantas piden agua.\n".encode(),
    "translations/es/1-sensor/README.md": b"# El sensor\n\nVa en la tierra. ![donde](../../../images/a.png)\n",
    "translations/br/README.md": "# Irrigação\n\nA terra diz quando as plantas pedem água.\n".encode(),
    "images/a.png": PICTURE,
}


def test_the_languages_of_a_folder_are_designs_with_the_same_rows():
    _, designs = told(LESSONS)
    assert [design.language for design in designs] == ["en", "es", "pt-BR"]
    english, spanish, portuguese = (design.document for design in designs)
    assert [d["title"] for d in (english, spanish, portuguese)] == ["Watering", "Riego", "Irrigação"]
    assert names(english, "steps", "title") == ["The sensor", "The wire", "The valve"]
    assert names(spanish, "steps", "title") == ["El sensor"]
    assert spanish["steps"][0]["key"] == english["steps"][0]["key"]
    assert spanish["files"] == english["files"]
    assert "## Who we are" in english["body"]
    assert english["kind"] == "practice"
    assert names(english, "credits") == ["Cooperativa Sol"]


def test_a_second_time_adds_nothing_and_a_changed_page_one_version(context, comun, rosa, tomas):
    first = imports.take_folder("riego", LESSONS, into=comun, by=rosa)
    assert [one.result for one in first] == ["new", "new", "new"]
    original, spanish, _ = (one.page for one in first)
    assert (spanish.upstream_id, spanish.relation, spanish.head) == (original.id, "translation", 2)
    assert [one.result for one in imports.take_folder("riego", LESSONS, into=comun, by=rosa)] == ["same"] * 3
    changed = {**LESSONS, "1-sensor/wire.md": b"# The wire\n\nOf steel.\n"}
    assert [one.result for one in imports.take_folder("riego", changed, into=comun, by=rosa, dry=True)] == [
        "changed", "same", "changed",
    ]  # fmt: skip
    again = imports.take_folder("riego", changed, into=comun, by=rosa)
    # What nobody has translated stands in the words of the original, and follows it.
    assert [one.result for one in again] == ["changed", "same", "changed"]
    assert history.get_version(history.find_page_by_id(original.id)).document["steps"][1]["text"] == "Of steel."
    assert verify.all_differences() == []


def test_a_dry_run_stores_no_file(context, comun, rosa):
    assert [one.result for one in imports.take_folder("bomba", BUILT, into=comun, by=rosa, dry=True)] == ["new"]
    folder = folders.read("bomba", BUILT)
    assert files.find(files.named(folder.files["fotos/rueda.png"], "rueda.png")[0]) is None


def test_a_folder_tells_of_what_could_not_be_taken(context, comun, rosa):
    broken = {"mal.md": b"\xff\xfe\x00", "fotos/rueda.png": PICTURE[:60], "datos.toml": b"a = "}
    design, *faults = imports.take_folder("bomba", BUILT | broken, into=comun, by=rosa)
    assert design.result == "new"
    assert {one.place: one.result for one in faults} == dict.fromkeys(broken, "failed")
    assert all(one.reason for one in faults)


def test_what_may_not_be_copied_is_a_card_and_what_has_no_address_is_nothing(context, comun, rosa):
    forbidden = b"Attribution-NonCommercial 4.0 International"
    source = {
        **LESSONS,
        "LICENSE": forbidden,
        ".git/config": b'[remote "origin"]\n\turl = https://example.org/riego.git\n',
    }
    (card,) = imports.take_folder("riego", source, into=comun, by=rosa)
    content = history.get_version(card.page).document
    assert (card.result, "steps" in content, "files" in content) == ("card", False, False)
    assert "NC" in content["licences"][0]["licence"]
    (nothing,) = imports.take_folder("otro", {**LESSONS, "LICENSE": forbidden}, into=comun, by=rosa)
    assert nothing.result == "failed"
    assert "address" in nothing.reason


def test_folders_that_are_one_design_are_known_by_what_lies_in_them():
    assert folders.is_one(["README.md", "a.stl"])
    assert folders.is_one(["okh.toml", "a.stl"])
    assert folders.is_one(["buildconf.yaml"])
    assert not folders.is_one(["okh-a.toml", "okh-b.toml"])
    assert not folders.is_one(["notas.txt"])


def test_a_long_page_becomes_several_steps_cut_at_its_headings():
    long = "# Largo\n\n" + "\n\n".join(f"## Parte {n}\n\n" + "agua " * 1500 for n in range(4))
    _, (design, *_) = told({**LESSONS, "1-sensor/README.md": long.encode()})
    titles = names(design.document, "steps", "title")
    assert titles[:2] == ["Largo", "Largo: Parte 2"]
    assert sum(row["text"].count("agua") for row in design.document["steps"]) == 6000


CSV = "Pieza;Cantidad;Unidad;Notas\nTornillo M8;4;u;acero\nTubo;2,5;m;\n;3;;\n"


def test_lists_of_parts_in_tables_and_in_yaml():
    wanted = [("Tornillo M8", "4", "u", "acero"), ("Tubo", "2.5", "m", None)]
    rows = bills.read_csv(CSV)
    assert [(r["name"], r["quantity"], r["unit"], r.get("spec")) for r in rows] == wanted
    assert bills.read_csv(CSV.replace(";", "\t")) == rows
    assert bills.read_csv("a;b\n1;2\n") == []
    listed = [{"name": "Tornillo M8", "qty": 4}, {"name": "Tubo", "qty": "2.5", "unit": "m"}]
    assert names({"bom": bills.read_list(listed)}, "bom", "quantity") == ["4", "2.5"]
    assert bills.read_list({"Tubo": {"qty": 2}})[0]["name"] == "Tubo"
    assert bills.read_list(["a", 1, None]) == []
    _, (design, *_) = told({**LESSONS, "bom.csv": CSV.encode()})
    assert names(design.document, "bom") == ["Tornillo M8", "Tubo"]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("SPDX-License-Identifier: CERN-OHL-S-2.0", "CERN-OHL-S-2.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International", "CC-BY-NC-ND-4.0"),
        ("Attribution-ShareAlike 3.0 Unported", "CC-BY-SA-3.0"),
        (
            "                    GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007",
            "GPL-3.0-or-later",
        ),
        ("todos los derechos", ""),
    ],
)
def test_licences_are_known_by_their_words(text, id):
    assert licence_texts.find(text) == id


def test_html_and_badges_and_comments_are_brought_to_markdown():
    source = '<!-- x --><p align="center"><img alt="la bomba" src="a.png"></p>\n\n[![b](https://img.shields.io/x)](y)\n'
    source += '<a href="https://example.org">aqui</a> `<b>` <b>fuerte</b>'
    assert foreign.clean(source, {"a.png": "/files/1/a.png"}.get) == (
        "![la bomba](/files/1/a.png)\n\n[aqui](https://example.org) `<b>` fuerte"
    )


HOSTILE = [
    "[" * 20_000,
    "[a](" * 8000,
    "<a " * 10_000,
    "![" * 10_000,
    "`" * 20_000,
    "<!--" * 9000,
    "[a]{" * 9000,
    "#" * 20_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:6])
def test_no_text_takes_long(text):
    assert timing.cost(lambda: foreign.clean(buildup.read(text).text, lambda address: None)) < 2


@given(st.text(st.sampled_from("[](){}!<>`#-\n ab\"'/:."), max_size=200))
def test_any_text_can_be_read(text):
    foreign.clean(buildup.read(foreign.front(text)[1]).text, lambda address: None)


@pytest.mark.data
def test_real_folders_come_in(context, comun, rosa, shared):
    (small,) = loading.sources([shared / "data" / "designs" / "libre-2-levels-stage"])
    (design,) = imports.take_folder("libre", loading.load(small).files, into=comun, by=rosa)
    content = history.get_version(design.page).document
    assert len(content["steps"]) == 13
    assert {"M3 nut", "O-ring"} <= set(names(content, "bom"))
    assert "Tweezers" in names(content, "tools")
    assert sum(row["role"] == "export" for row in content["files"]) == 8
