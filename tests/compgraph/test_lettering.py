"""Labels: what they are made of, how wide they are, and that they stay in their boxes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from drawings import DRAWINGS, forward
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont
from svg_labels import complaints

import compgraph.show.draw as drawing_module
from book.ext import live_graph
from compgraph import draw, exp, leaf
from compgraph.show.lettering import FACES, LEVELS, extent, place, runs, svg_text, width, words
from compgraph.show.metrics import METRICS
from tools import letter_metrics

ROOT = Path(__file__).parents[2]
FONTS = ROOT / "book/theme/static/katex/fonts"


def spelled(label) -> str:
    """Runs as text: italic letters between stars, levels and accents by signs before them."""
    level = {"line": "", "raised": "^", "lowered": "_", "over": "", "bar": "", "under": ""}
    faces = {"italic": "*{}*", "upright": "{}"}
    return "".join(
        level[run.level] + run.accent + faces[run.face].format(run.text) for run in label
    )


# --- what a label is made of ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("h", "*h*"),
        ("W1", "*W*_1"),
        ("A^T", "*A*^T"),
        ("W12^T", "*W*_12^T"),
        ("∂J/∂b1", "∂*J*/∂*b*_1"),
        ("∂J/∂z = ∂J/∂b1", "∂*J*/∂*z* = ∂*J*/∂*b*_1"),
        ("a<b & c", "*a*<*b* & *c*"),
        ("log", "log"),
        ("½‖·‖²", "1–2∥⋅∥^2"),
        ("⁻¹", "^−1"),
        ("⊙φ′", "⊙*ϕ*^′"),
        ("Xᵀ", "*X*^⊤"),
        ("Σ", "Σ"),
        ("×λ", "×*λ*"),
        ("ż", "˙*z*"),
        ("x\u03022", "ˆ*x*_2"),
        ("rate of ∂J/∂ḣ", "rate of ∂*J*/∂˙*h*"),
        ("café", "caf´e".replace("´", "ˊ")),
        ("garçon", "garçon"),
        ("权重 W1", "权重 *W*_1"),
        ("한국", "한국"),
        ("  a   b ", "*a* *b*"),
        ("", ""),
    ],
)
def test_names_are_set_as_mathematics(name, label):
    assert spelled(runs(name)) == label


def test_words_and_units_are_upright():
    assert spelled(words("224 B")) == "224 B"
    assert spelled(words("GPU 0")) == "GPU 0"


# --- how wide it is -------------------------------------------------------------------------------


def test_the_table_is_made_from_the_shipped_katex():
    script = letter_metrics.KATEX.read_text(encoding="utf-8")
    assert letter_metrics.TABLE.read_text(encoding="utf-8") == letter_metrics.table(script), (
        "run `python -m tools.letter_metrics`, then the notebooks that draw"
    )


@pytest.mark.parametrize("face", METRICS)
def test_the_table_says_what_the_shipped_fonts_say(face):
    fonts = [ImageFont.truetype(FONTS / f"KaTeX_{name}.woff2", 1000)
             for name in letter_metrics.FACES[face]]  # fmt: skip
    for letter, size in METRICS[face].items():
        drawn = [font for font in fonts if font.getmask(letter).size != (0, 0)] or fonts
        assert any(abs(font.getlength(letter) - size.width) <= 1 for font in drawn), letter


def test_a_label_is_as_wide_as_its_letters_and_scales_with_its_size():
    w, one = METRICS["italic"]["W"], METRICS["upright"]["1"]
    assert width(runs("W"), 1000) == w.width + w.slant  # it leans out of its width
    assert width(runs("W1"), 1000) == pytest.approx(w.width + 0.7 * one.width)
    assert width(runs("W12"), 1000) == pytest.approx(w.width + 2 * 0.7 * one.width)
    assert width(runs("log"), 20) == pytest.approx(2 * width(runs("log"), 10))
    assert width(runs(""), 10) == 0


def test_an_index_hangs_and_a_power_stands_over_it_beyond_the_slant():
    letter, index, power = place(runs("W1^T"), 1000)
    slant = METRICS["italic"]["W"].slant
    assert (letter.y, index.x, power.x) == (0, letter.length, letter.length + slant)
    assert index.y < 0 < power.y and index.size == power.size < letter.size


def test_the_parts_of_a_fraction_stand_over_each_other():
    one, bar, two, norm, *_ = place(runs("½‖·‖²"), 10)
    assert one.x == bar.x == two.x == 0 and one.length == bar.length == two.length == norm.x
    assert one.y > bar.y > two.y


def test_a_dot_stands_over_the_middle_of_its_letter():
    letter, dot = place(runs("ḣ"), 1000)
    assert dot.text == "˙" and letter.x < dot.x and dot.x + dot.length < letter.length
    assert dot.y == METRICS["italic"]["h"].height - METRICS["italic"]["x"].height


@pytest.mark.parametrize(
    ("text", "ems"),
    [("权重", 2), ("Ａ", 1), ("👍", 1), ("Ж", 0.75), ("e\u0325", 0.444), ("\u200d", 0), ("\t", 0)],
)
def test_letters_of_no_shipped_font_have_room_enough(text, ems):
    assert width(words(text), 1000) == 1000 * ems


def test_what_stands_above_and_below_is_measured():
    assert extent(words("x"), 1000) == (431, 0)
    assert extent(words("y"), 1000)[1] == METRICS["upright"]["y"].depth
    assert extent((), 1000) == (0, 0)


def test_spaces_at_the_end_of_a_run_are_room_and_not_text():
    """A browser leaves them out, and would stretch what remains."""
    texts = [piece.text for piece in place(runs("a = b1"), 10)]
    assert texts == ["a", "=", "b", "1"]


def test_every_run_is_written_at_its_place_with_its_length():
    pieces = list(place(runs("∂J/∂W1"), 15))
    lines = drawing_module.stacked((runs("∂J/∂W1"), 15))
    texts = list(svg_text(lines, 100, 50, fill="black"))
    assert len(texts) == len(pieces)
    assert {text.get("font-family") for text in texts} == {
        face["font-family"] for face in FACES.values()
    }
    left, right = float(texts[0].get("x")), float(texts[-1].get("x"))
    right += float(texts[-1].get("textLength"))
    assert (left + right) / 2 == pytest.approx(100, abs=0.02)
    assert {float(text.get("font-size")) for text in texts} == {15, 15 * LEVELS["lowered"][0]}


# --- labels stay in their boxes -------------------------------------------------------------------


def drawn_by(notebook: Path, monkeypatch) -> list[str]:
    """The drawings that a notebook makes, in their order."""
    found = []

    def recorded(*arguments):
        found.append(drawing := made(*arguments))
        return drawing

    made = drawing_module.Drawing
    monkeypatch.setattr(drawing_module, "Drawing", recorded)
    monkeypatch.chdir(notebook.parent)
    cells = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
             if cell["cell_type"] == "code"]  # fmt: skip
    last = max(i for i, cell in enumerate(cells) if "draw(" in "".join(cell["source"]))
    names = {"display": lambda *shown: None, "__name__": "__main__"}
    for cell in cells[: last + 1]:
        exec("".join(cell["source"]), names)
    return [drawing.svg for drawing in found]


WITH_DRAWINGS = [
    path
    for folder in ("chapters", "solutions")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
    if "draw(" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize(
    "notebook", WITH_DRAWINGS, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_no_label_of_a_notebook_leaves_its_box_or_touches_another(notebook, monkeypatch):
    svgs = drawn_by(notebook, monkeypatch)
    assert svgs and [complaint for svg in svgs for complaint in complaints(svg)] == []


def test_no_label_of_the_live_graph_does(monkeypatch):
    monkeypatch.setattr(live_graph, "_", str)
    assert complaints(live_graph.picture()) == []


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_label_of_the_stored_drawings_does(name):
    assert complaints(DRAWINGS[name]().svg) == []


ODD = st.sampled_from(
    ["W12", "∂J/∂W1", "h′", "x″", "权重", "\U0001f469\u200d\U0001f4bb", "Wᵀ", "ż", "é", "Ψ", "αβγ",
     "a^T2", "W_i[3]", "½", "ﬁ", "Жук", "한국어", "‖v‖²", "a<b>&c", "\\N", '"q"', "%", "−1",
     "the gradient of the objective"]
)  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=12)
NAMES = st.lists(ODD | TEXT, min_size=1, max_size=4).map(" ".join).filter(str.strip)


@settings(max_examples=40)
@given(NAMES, NAMES, NAMES, NAMES)
def test_odd_names_stay_in_their_boxes(input_, output, note, device):
    x = leaf(input_, (30, 20))
    y = exp(x.T) * 0.1234
    drawn = draw([y + y], names={y: output}, notes={x: note}, devices={x: device, y: f"{device} 2"},
                 numbers={0.1234: output})  # fmt: skip
    assert complaints(drawn.svg) == []


def test_the_check_sees_a_label_that_is_wider_than_its_box():
    svg = forward().svg
    longer = svg.replace(">W</text>", ">WWW</text>", 1)
    assert "n-W2: 'WWW' leaves its box" in " ".join(complaints(longer))
    assert "is not as long as its letters" in " ".join(complaints(longer))
    moved = svg.replace('cx="', 'cx="-5000" was="', 1)
    assert "leaves the picture" in " ".join(complaints(moved))


def test_the_check_sees_boxes_made_for_narrower_letters(monkeypatch):
    monkeypatch.setattr(drawing_module, "_across", lambda lines: 0.8 * width(*lines[0][:2]))
    x = leaf("a long name", (3,))
    assert "leaves its box" in " ".join(complaints(draw([x]).svg))


# --- the same on every machine --------------------------------------------------------------------

NO_FONTS = "<fontconfig></fontconfig>"
ONE_FONT = "<fontconfig><dir>{}</dir></fontconfig>"
SHOW_ALL = """
from drawings import DRAWINGS
for make in DRAWINGS.values():
    print(make().svg)
"""


def drawn_with_fonts(configuration: str, folder: Path) -> subprocess.CompletedProcess:
    config = folder / "fonts.conf"
    config.write_text(f'<?xml version="1.0"?>{configuration}', encoding="utf-8")
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    fonts = {"FONTCONFIG_FILE": str(config), "XDG_CACHE_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", SHOW_ALL],
        env=os.environ | fonts | {"PYTHONPATH": paths, "PYTHONUTF8": "1"},
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip


@pytest.mark.parametrize("configuration", [NO_FONTS, ONE_FONT], ids=["no fonts", "another font"])
def test_the_fonts_of_the_machine_do_not_show(configuration, tmp_path):
    import matplotlib

    other = Path(matplotlib.get_data_path(), "fonts/ttf")  # DejaVu, wider than Times
    there = drawn_with_fonts(configuration.format(other), tmp_path)
    here = "".join(make().svg + "\n" for make in DRAWINGS.values())
    assert there.stderr == ""
    assert there.stdout == here, "the drawing depends on the fonts of the machine"


def test_coordinates_have_one_decimal():
    for element in ElementTree.fromstring(forward().svg).iter():
        for name in drawing_module._GEOMETRY & element.attrib.keys():
            assert not re.search(r"\.\d\d|-0(?![.\d])", element.get(name))
