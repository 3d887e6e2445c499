"""What a notebook sees: states, messages, hints, the board, strict mode."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from coursecheck import CheckFailed, CourseCheckError, exercise, messages
from coursecheck.result import Result


@pytest.fixture
def ex(monkeypatch):
    monkeypatch.delenv("COURSECHECK_STRICT", raising=False)
    return exercise("02_hidden_bias")


def right(do, h, W2, weight_decay):
    return do @ h.T + weight_decay * W2


def incomplete(do, h, W2, weight_decay):
    return do @ h.T


def blank(do, h, W2, weight_decay): ...


def blank_with_docstring(do, h, W2, weight_decay):
    """∂J/∂W2."""


def still_open(do, h, W2, weight_decay):
    outer = ...
    return outer + weight_decay * W2


def test_the_three_states(ex):
    assert repr(ex.check("dW2", right)) == "✓ dW2: right"
    assert repr(ex.check("dW2", incomplete)) == (
        "✗ dW2: not yet\n  ∂J/∂W2: this is missing: the part of the penalty."
    )
    for answer in (..., blank, blank_with_docstring, still_open):
        result = ex.check("dW2", answer)
        assert repr(result) == "○ dW2: to do\n  Replace the `...` in `dW2` with your answer."
        assert not result


def test_a_result_is_true_only_if_right(ex):
    assert ex.check("dW2", right)
    assert not ex.check("dW2", incomplete)
    assert not ex.check("dW3", right)


def test_the_same_answer_gives_the_same_words(ex):
    def broken(do, h, W2, weight_decay):
        return object() @ do

    for answer in (incomplete, broken):
        assert repr(ex.check("dW2", answer)) == repr(ex.check("dW2", answer))
        assert not re.search("0x[0-9a-f]{4}", repr(ex.check("dW2", answer)))


def test_html_says_what_the_text_says_and_escapes_it(ex):
    def broken(do, h, W2, weight_decay):
        raise ValueError("<script> & co")

    html = ex.check("dW2", broken)._repr_html_()
    assert "&lt;script&gt; &amp; co" in html
    assert "<script>" not in html
    assert "<code>raise ValueError" in html
    assert 'class="coursecheck coursecheck-not_yet"' in html
    assert "✓ dW2: right" in ex.check("dW2", right)._repr_html_()


def attributes(element: ElementTree.Element) -> dict[str, str]:
    return {k[5:]: v for k, v in element.attrib.items() if k.startswith("data-")}


@pytest.mark.parametrize(
    ("answer", "state"), [(right, "right"), (incomplete, "not_yet"), (..., "todo")]
)
def test_the_box_of_a_task_carries_its_facts_as_data(ex, answer: object, state: str):
    box = ElementTree.fromstring(ex.check("dW2", answer)._repr_html_())
    assert attributes(box) == {"exercise": "02_hidden_bias", "task": "dW2", "state": state}


def test_the_box_of_the_board_carries_every_state_as_data(ex):
    ex.check("dW2", right)
    ex.check("graph", "no graph")
    box = ElementTree.fromstring(ex.board()._repr_html_())
    assert attributes(box) == {"exercise": "02_hidden_bias"}
    states = {row["task"]: row["state"] for row in map(attributes, box.iter("tr"))}
    assert list(states) == [task.key for task in ex.table.tasks]
    assert (states["dW2"], states["graph"], states["dO"]) == ("right", "not_yet", "todo")


def test_facts_in_a_box_are_escaped(ex):
    hostile = Result('"><script>', "right", exercise="x")._repr_html_()
    assert ElementTree.fromstring(hostile).get("data-task") == '"><script>'


def test_an_error_is_shown_with_the_line_of_the_learners_own_code(ex):
    def broken(do, h, W2, weight_decay):
        shifted = np.linalg.inv(W2)
        return shifted

    (line,) = ex.check("dW2", broken).lines
    assert line.startswith("dW2 stopped with LinAlgError:")
    assert "`shifted = np.linalg.inv(W2)`" in line


def test_part_of_an_answer_is_judged_while_the_rest_is_blank(ex):
    def gradients(X, Y, W1, b1, W2, weight_decay):
        H = np.tanh(X @ W1.T + b1)
        E = (H @ W2.T - Y) / len(X)
        return ..., ..., E.T @ H + weight_decay * W2

    result = ex.check("gradients", gradients)
    assert result.state == "todo"
    assert result.lines == ("Right already: dW2.", "Still to do: dW1 and db1.")


def test_only_the_first_wrong_step_of_a_chain_is_named(ex):
    def forward(x, y, W1, b1, W2, weight_decay):
        z = W1 @ x  # everything after it is wrong as well
        h = np.tanh(z)
        o = W2 @ h
        return z, h, o, np.sum(o), 0.0, 1.0

    first, *others = ex.check("forward", forward).lines
    assert first == "z and h: b1 is missing from the hidden layer's input."
    assert not any("yours is" in line for line in others)


def test_outputs_that_share_a_mistake_share_a_sentence_that_suits_several(ex):
    assert ex.check("paths", (1, 1, 1)).lines[0].startswith("W1 and W2: one path is missing. ")
    assert ex.check("paths", (2.0, 1.0, 2.0)), "the value counts, not how it is stored"


def test_unknown_names_list_the_right_ones(ex):
    with pytest.raises(CourseCheckError, match="no exercise '02'.*02_hidden_bias"):
        exercise("02")
    assert "no task 'dW3'" in repr(ex.check("dW3", right))
    for note in (ex.hint("dW3"), ex.solution("dW3")):
        assert repr(note).startswith("There is no task 'dW3' in this exercise. There are: graph,")
    assert "There are 2 hints for `dW2`" in repr(ex.hint("dW2", 3))
    assert "There are 2 hints for `dW2`" in repr(ex.hint("dW2", "first"))


def test_the_board_counts_what_is_right(ex):
    assert not ex.board().complete
    assert repr(ex.board()).startswith("Exercise 2: 0 of 11 right\n")
    ex.check("dW2", right)
    assert repr(ex.board()).startswith("Exercise 2: 1 of 11 right\n")
    assert "<code>dW2</code>" in ex.board()._repr_html_()
    ex.check("dW2", incomplete)
    assert repr(ex.board()).startswith("Exercise 2: 0 of 11 right\n")


def test_strict_mode_raises_the_message_alone(ex, monkeypatch):
    monkeypatch.setenv("COURSECHECK_STRICT", "1")
    assert ex.check("dW2", right)
    for answer in (incomplete, ...):
        with pytest.raises(CheckFailed) as raised:
            ex.check("dW2", answer)
        assert raised.value._render_traceback_() == [str(raised.value)]
        assert str(raised.value).splitlines()[0] in ("✗ dW2: not yet", "○ dW2: to do")
    with pytest.raises(CheckFailed, match="no task"):
        ex.check("dW3", right)


def test_the_words_come_from_one_catalogue(ex, monkeypatch):
    translated = {"{name}: {fault}: {term}.": "{name}：{fault}（{term}）。", "not yet": "还不对"}
    translated |= {"this is missing": "缺少这一项", "the part of the penalty": "惩罚项的部分"}
    monkeypatch.setattr(messages, "_spoken", translated)
    assert (
        repr(ex.check("dW2", incomplete)) == "✗ dW2: 还不对\n  ∂J/∂W2：缺少这一项（惩罚项的部分）。"
    )
