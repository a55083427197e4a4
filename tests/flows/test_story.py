"""Rosa publishes a thresher from nothing, on a phone of 360 px, while the connection is cut twice. Nothing is lost."""

import uuid

import pytest

from tests.wiki import pictures as made

pytestmark = pytest.mark.browser

PARTS = [
    ("Tambor", "1", "de chapa, 40 cm"), ("Eje", "1", "1 pulgada × 60 cm"), ("Cojinete", "2", "de 1 pulgada"),
    ("Diente", "48", "clavo de 4\""), ("Marco", "1", "tirante de 2 × 4"), ("Polea", "2", "25 y 10 cm"),
    ("Correa", "1", "en V, 1,6 m"), ("Pedal", "1", "tabla de 20 × 60"), ("Zaranda", "1", "malla de 1 cm"),
    ("Tolva", "1", "chapa galvanizada"), ("Tornillo", "24", "3/8 × 4\""), ("Guarda", "1", "cubre la correa"),
]  # fmt: skip
STEPS = [
    (f"Paso {number}: {what}", f"Primero mire. Después {what.lower()} con calma & sin apuro, <de lado> “a lado”.")
    for number, what in enumerate(
        ["Corte", "Doble", "Suelde", "Clave", "Arme", "Monte el eje", "Ponga la guarda", "Pruebe"], 1
    )
]
PHOTOS = ["De frente", "Desde el costado", "El tambor de cerca", "Con la guarda puesta"]


class Rosa:
    """One who writes, with a script or without."""

    def __init__(self, visit, scripts):
        self.visitor = visit(360, scripts=scripts, language="es").signs_in()
        self.page, self.scripts = self.visitor.page, scripts

    def fills_in(self, title):
        self.page.fill("#title", title)
        self.page.fill("#summary", "Desgrana maíz y trilla frijol a pedal.")
        self.page.check("input[name=hazards][value=crush]")
        for part, rows in (("bom", PARTS), ("steps", STEPS)):
            for index, row in enumerate(rows):
                while self.page.locator(f"[name={part}-{index}-{'name' if part == 'bom' else 'title'}]").count() == 0:
                    self.page.click(f"button[value={part}-add]")
                names = ("name", "quantity", "spec") if part == "bom" else ("title", "text")
                for name, value in zip(names, row, strict=True):
                    self.page.fill(f"[name={part}-{index}-{name}]", value)

    def saves(self):
        with self.page.expect_navigation(url="**saved=*"):
            self.visitor.presses("Guardar")
        return self.page.url.split("?")[0]

    def is_cut_off_while_saving(self):
        """The line goes as she presses Save. With a script the page stays; without one she goes back to it."""
        self.visitor.context.set_offline(True)
        if self.scripts:
            self.visitor.presses("Guardar")
            self.page.wait_for_selector("#told.error")
        else:
            with self.page.expect_event("requestfailed"):
                self.visitor.presses("Guardar")
            self.page.wait_for_timeout(300)
        self.visitor.context.set_offline(False)
        if not self.scripts:
            self.page.go_back()

    def chooses_a_photo(self, home, number):
        self.visitor.goes(f"{home}/files?lang=es")
        body = made.saved(made.scene(900 + 10 * number, 600), "JPEG", exif=made.exif())
        self.page.set_input_files("#file", [{"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": body}])
        self.page.fill("#alt", PHOTOS[number])

    def sends_it(self):
        self.page.locator("form", has=self.page.locator("#file")).locator("button.main").click()

    def is_cut_off_while_sending(self, home, number):
        self.chooses_a_photo(home, number)
        self.visitor.context.set_offline(True)
        with self.page.expect_event("requestfailed"):
            self.sends_it()
        self.page.wait_for_timeout(300)
        self.visitor.context.set_offline(False)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripted", "plain"])
def test_a_machine_is_published_from_nothing_while_the_line_is_cut_twice(visit, api, scripts):
    rosa, title = Rosa(visit, scripts), f"Desgranadora {uuid.uuid4().hex[:6]}"
    rosa.visitor.goes("/new?kind=machine&lang=es")
    rosa.fills_in(title)
    rosa.is_cut_off_while_saving()
    address = rosa.saves()
    home = address.removeprefix(rosa.visitor.url)

    for number in range(len(PHOTOS)):
        if number == 2:
            rosa.is_cut_off_while_sending(home, number)
            if not scripts:
                rosa.page.go_back()
                assert rosa.page.input_value("#alt") == PHOTOS[number], "the words for the photo are still there"
        rosa.chooses_a_photo(home, number)
        rosa.sends_it()
        rosa.page.wait_for_selector("#pictures img")
        rosa.visitor.sees("Ya está en la página")

    document = api.get(f"/designs/comun/{home.rpartition('/')[2]}")[1]["document"]
    assert [(row["name"], row["quantity"], row["spec"]) for row in document["bom"]] == PARTS
    assert [(row["title"], row["text"]) for row in document["steps"]] == STEPS
    assert [row["alt"] for row in document["files"]] == PHOTOS

    reader = visit(360, scripts=False, language="es").goes(home).page
    words = reader.inner_text("main")
    for said in (title, *(name for name, *_ in PARTS), *(step for step, _ in STEPS)):
        assert said in words, said
    assert reader.locator("main img").evaluate_all("all => all.map(i => i.alt)").count(PHOTOS[0]) >= 1
    assert set(PHOTOS) <= set(reader.locator("main img").evaluate_all("all => all.map(i => i.alt)"))
    assert [d["title"] for d in api.all_designs()].count(title) == 1
