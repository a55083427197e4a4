"""Somebody with a keyboard and no mouse."""

from playwright.sync_api import Page

LIMIT = 150
"""How many times somebody presses Tab before they give up."""
STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const ringed = ["", "::before", "::after"].some((pseudo) => {
    const style = getComputedStyle(here, pseudo || null);
    if (pseudo && style.content === "none") return false;
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 &&
      !/^(transparent|rgba\\(.*, 0\\))$/.test(style.outlineColor);
    return outline || style.boxShadow !== "none";
  });
  const box = here.getBoundingClientRect();
  const across = [0.1, 0.5, 0.9].map((part) => box.left + box.width * part);
  const down = [0.1, 0.5, 0.9].map((part) => box.top + box.height * part);
  const seen = across.some((x) => down.some((y) => {
    const top = document.elementFromPoint(x, y);
    return top && (here.contains(top) || (top.contains(here) && !top.contains(document.querySelector("main"))));
  }));
  return {ringed, seen, html: here.outerHTML.slice(0, 160)};
}"""


class Keys:
    """Presses keys on a page and nothing else. Wherever the focus stops it must be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0
        self._line = page.context.new_cdp_session(page)
        self._line.send("Accessibility.enable")

    def name(self) -> tuple[str, str]:
        """The role and the name by which a screen reader would call what has the focus."""
        found = self._line.send("Runtime.evaluate", {"expression": "document.activeElement"})
        asked = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        node = self._line.send("Accessibility.getPartialAXTree", asked)["nodes"][0]
        return node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "")

    def tab(self, back: bool = False) -> str:
        """Once further, or back; says what is there. Raises AssertionError if nobody could see where that is."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = self.page.evaluate(STOP)
        if stop is None:
            return ""
        self.stops += 1
        assert stop["ringed"], f"the focus is not seen on {stop['html']}"
        assert stop["seen"], f"something hides {stop['html']}"
        return self.name()[1]

    def to(self, name: str, role: str = "", back: bool = False) -> "Keys":
        """On, until what is called so has the focus."""
        passed = []
        for _ in range(LIMIT):
            passed.append(self.tab(back))
            if passed[-1] == name and role in ("", self.name()[0]):
                return self
        raise AssertionError(f"{name!r} is not reached; passed: {passed}")

    def press(self, *keys: str) -> "Keys":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, words: str) -> "Keys":
        self.page.keyboard.type(words)
        return self

    def goes(self, key: str = "Enter", url: str = "**") -> "Keys":
        """Press what leads to another page, and wait for it."""
        with self.page.expect_navigation(url=url):
            self.page.keyboard.press(key)
        return self
