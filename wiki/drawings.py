"""Drawings in SVG made safe: only what draws is kept, written anew from what was understood.

The file is read by expat, which stops at any declaration of entities. What is not in the lists below is
left out with all that it holds: scripts, foreign objects, pictures, animations, filters, handlers of events. Styles
become attributes, and an address is only ever that of a place in the same drawing. A drawing that was made safe once
comes out the same the next time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from wiki import errors, limits, styles
from wiki.errors import Problem

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

SHAPES = styles.names("path rect circle ellipse line polyline polygon text use")
WORDS = styles.names("text tspan textPath title desc")
ELEMENTS = (
    SHAPES | WORDS | styles.names("svg g defs symbol marker linearGradient radialGradient stop pattern clipPath mask")
)
UNWRAPPED = frozenset({"a", "switch"})
"""What these hold is kept without them."""
ATTRIBUTES = styles.names(
    "id x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height d points transform viewBox preserveAspectRatio version "
    "pathLength dx dy rotate textLength lengthAdjust startOffset method spacing side offset gradientUnits "
    "gradientTransform spreadMethod patternUnits patternContentUnits patternTransform clipPathUnits maskUnits "
    "maskContentUnits markerUnits markerWidth markerHeight refX refY orient role aria-label aria-labelledby "
    "aria-describedby aria-hidden lang"
)
CLASSES = 8
"""How many classes of an element are looked at."""
REFERRING = styles.names("use linearGradient radialGradient pattern textPath")

_ID = re.compile(r"[A-Za-z_][\w.:-]{0,200}", re.A)
_HERE = re.compile(f"#{_ID.pattern}", re.A)
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:[eE][+-]?\d{1,2})?)\s*(px|mm|cm|in|pt|pc|q)?\s*", re.I)
_PIXELS = {"": 1.0, "px": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "pt": 4 / 3, "pc": 16.0, "q": 96 / 101.6}
_ADDRESS = re.compile(r"url\(#([^)]*)\)")
_NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d{1,2})?")
_FIGURE = re.compile(r"\d+")
_MARKERS = ("marker-start", "marker-mid", "marker-end")
_USUAL = (300.0, 150.0)
"""What browsers take when a drawing does not say its size."""


@dataclass(frozen=True)
class Drawing:
    """A drawing made safe: its text in UTF-8, its size in pixels, and what it says of itself."""

    body: bytes
    width: int
    height: int
    title: str
    description: str


@dataclass
class Node:
    """An element with its clean attributes and what it holds, elements and words."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    style: str = ""
    children: "list[Node | str]" = field(default_factory=list)

    def elements(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    def words(self) -> str:
        return "".join(child for child in self.children if isinstance(child, str)).strip()


def refusal(code: str, **values: object) -> errors.Invalid:
    return errors.Invalid([Problem("file", code, values)])


def safe(data: bytes) -> Drawing:
    """Raises `errors.Invalid` for what is no SVG, too large or too deep, declares entities, loops, or draws nothing."""
    if len(data) > limits.DRAWING:
        raise refusal("drawing-large", limit=limits.DRAWING)
    reader = _Reader()
    root = reader.read(data)
    _Styles(reader.sheet).apply(root)
    _check_use(root)
    width, height = _size(root)
    told = {child.name: child.words() for child in reversed(root.elements()) if child.name in ("title", "desc")}
    body = "".join([*_written(root, is_root=True), "\n"]).encode()
    if len(body) > 2 * limits.DRAWING:
        raise refusal("drawing-large", limit=limits.DRAWING)
    return Drawing(body, width, height, told.get("title", ""), told.get("desc", ""))


class _Reader:
    """Builds the tree of what is allowed while expat reads."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.sheet: list[str] = []
        self._open: list[Node | None] = []
        self._left_out = 0
        self._count = 0
        self._depth = 0
        self._in_style = False

    def read(self, data: bytes) -> Node:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.SkippedEntityHandler = self._skipped
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError):
            raise refusal("drawing-broken") from None
        if self.root is None:
            raise refusal("drawing-broken")
        return self.root

    def _doctype(self, name: str, system: str | None, public: str | None, has_own: bool) -> None:
        # Entities, and attributes that stand on every element unsaid, can only be declared here.
        if has_own:
            raise refusal("drawing-entities")

    def _skipped(self, *_: object) -> None:
        raise refusal("drawing-entities")

    def _start(self, full: str, given: dict[str, str]) -> None:
        space, _, name = full.rpartition(" ")
        self._count += 1
        self._depth += 1
        if self._count > limits.DRAWING_ELEMENTS:
            raise refusal("drawing-elements", limit=limits.DRAWING_ELEMENTS)
        if self._depth > limits.DRAWING_DEPTH:
            raise refusal("nested")
        if self._depth == 1 and (name != "svg" or space not in ("", SVG)):
            raise refusal("drawing-broken")
        if self._left_out or space not in ("", SVG) or name not in ELEMENTS | UNWRAPPED:
            self._left_out += 1
            self._in_style = name == "style" and self._left_out == 1
            return
        if name in UNWRAPPED:
            self._open.append(None)
            return
        node = _node(name, given)
        if self.root is None:
            self.root = node
        elif (inside := self._inside()) is not None:
            inside.children.append(node)
        self._open.append(node)

    def _inside(self) -> Node | None:
        return next((node for node in reversed(self._open) if node is not None), None)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._left_out:
            self._left_out -= 1
            self._in_style = False
        else:
            self._open.pop()

    def _text(self, words: str) -> None:
        if self._left_out:
            if self._in_style:
                self.sheet.append(words)
            return
        node = self._inside()
        if node is not None and (node.name in WORDS or not words.strip()):
            node.children.append(words)


def _node(name: str, given: Mapping[str, str]) -> Node:
    node = Node(name)
    for full, value in given.items():
        space, _, attribute = full.rpartition(" ")
        if space == XML and attribute in ("space", "lang"):
            kept = "xml:space" if attribute == "space" else "lang"
            node.attributes[kept] = "preserve" if kept == "xml:space" else value[:35]
        elif attribute == "href" and space in ("", XLINK) and name in REFERRING:
            if _HERE.fullmatch(value.strip()):
                node.attributes["href"] = value.strip()
        elif space:
            continue
        elif attribute == "class":
            node.classes = tuple(value.split()[:CLASSES])
        elif attribute == "style":
            node.style = value
        elif attribute == "id":
            if _ID.fullmatch(value):
                node.attributes["id"] = value
        elif attribute in ATTRIBUTES:
            if attribute in ("aria-label", "aria-labelledby", "aria-describedby") or styles.is_plain(value):
                node.attributes[attribute] = value
        elif (clean := styles.value(attribute, value)) is not None:
            node.attributes[attribute] = clean
    return node


class _Styles:
    """The rules of a drawing's style sheets, written onto the elements that they are for."""

    def __init__(self, sheet: list[str]) -> None:
        self._rules: dict[str, dict[str, tuple[int, str]]] = {}
        for number, (selector, declared) in enumerate(styles.rules("".join(sheet))):
            known = self._rules.setdefault(selector, {})
            known.update({name: (number, value) for name, value in declared.items()})
        self._for_kinds: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}

    def apply(self, root: Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            kind = node.name, node.classes
            if kind not in self._for_kinds:
                by_name = self._merged(["*", node.name])
                self._for_kinds[kind] = by_name | self._merged([f".{name}" for name in node.classes])
            node.attributes.update(self._for_kinds[kind])
            node.attributes.update(self._merged([f"#{node.attributes.get('id', '')}"]))
            node.attributes.update(styles.declarations(node.style))
            waiting.extend(node.elements())

    def _merged(self, selectors: list[str]) -> dict[str, str]:
        """What rules of the same weight set together: of two that set the same, the later one counts."""
        found: dict[str, tuple[int, str]] = {}
        for selector in selectors:
            for name, rule in self._rules.get(selector, {}).items():
                found[name] = max(found.get(name, rule), rule)
        return {name: value for name, (_, value) in found.items()}


def _check_use(root: Node) -> None:
    """Refuse a drawing that refers to itself in a circle, that comes to too many elements when every use of a symbol,
    pattern or marker is drawn, or that draws nothing."""
    by_id: dict[str, Node] = {}
    waiting, draws = [root], False
    while waiting:
        node = waiting.pop()
        by_id.setdefault(node.attributes.get("id", ""), node)
        draws = draws or node.name in SHAPES
        waiting.extend(node.elements())
    if not draws:
        raise refusal("drawing-empty")
    by_id.pop("", None)
    known: dict[int, tuple[int, int]] = {}
    underway: set[int] = set()

    def cost(node: Node) -> tuple[int, int]:
        """How many elements are drawn for this one, and how many points its lines have."""
        if id(node) in known:
            return known[id(node)]
        if id(node) in underway or len(underway) > 4 * limits.DRAWING_DEPTH:
            raise refusal("drawing-loops")
        underway.add(id(node))
        shape = node.attributes.get("d", "") + node.attributes.get("points", "")
        total, points = 1, 1 + len(_FIGURE.findall(shape)) // 2
        for child in node.elements():
            elements, more = cost(child)
            total, points = total + elements, points + more
        for name, target in _references(node):
            if target in by_id:
                elements, more = cost(by_id[target])
                # What a line is set with may be said by the group it is in, and stands at each of its points.
                total += elements * (points if name in _MARKERS else 1)
                points += more if name == "href" else 0
        underway.discard(id(node))
        if total > limits.DRAWING_DRAWN:
            raise refusal("drawing-elements", limit=limits.DRAWING_DRAWN)
        known[id(node)] = total, points
        return total, points

    cost(root)


def _references(node: Node) -> list[tuple[str, str]]:
    """The attributes of an element that refer to another one, and its id. That of a `use` stands first."""
    found: list[tuple[str, str]] = []
    for name, value in node.attributes.items():
        if name == "href":
            found.insert(0, (name, value[1:]))
        elif (match := _ADDRESS.match(value)) is not None:
            found.append((name, match[1]))
    return found


def _size(root: Node) -> tuple[int, int]:
    """The size of a drawing in pixels, at most that of a photo. A drawing without a `viewBox` is given one, so that
    it can be shown at any size."""
    asked = [_pixels(root.attributes.get(name, "")) for name in ("width", "height")]
    box = [float(n) for n in _NUMBER.findall(root.attributes.get("viewBox", "")[:200])]
    if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        root.attributes.pop("viewBox", None)
        width, height = asked[0] or _USUAL[0], asked[1] or _USUAL[1]
        if all(asked):
            root.attributes["viewBox"] = f"0 0 {width:.6g} {height:.6g}"
    else:
        ratio = box[3] / box[2]
        width = asked[0] or (asked[1] / ratio if asked[1] else box[2])
        height = asked[1] or width * ratio
    shrunk = min(1.0, limits.PICTURE_WIDTHS[-1] / max(width, height))
    return tuple(max(1, round(side * shrunk)) for side in (width, height))  # type: ignore[return-value]


def _pixels(length: str) -> float:
    """A length in pixels, 0 for a share of the page or what is no length."""
    found = _LENGTH.fullmatch(length[:40])
    return min(1e6, float(found[1]) * _PIXELS[(found[2] or "").lower()]) if found else 0.0


def _written(node: Node, is_root: bool = False) -> list[str]:
    given = {"xmlns": SVG, **node.attributes} if is_root else node.attributes
    opening = node.name + "".join(f' {name}="{_quoted(value)}"' for name, value in given.items())
    if not node.children:
        return [f"<{opening}/>"]
    inside = [
        piece
        for child in node.children
        for piece in (_written(child) if isinstance(child, Node) else [escape(child, {"\r": "&#13;"})])
    ]
    return [f"<{opening}>", *inside, f"</{node.name}>"]


def _quoted(value: str) -> str:
    return escape(value, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
