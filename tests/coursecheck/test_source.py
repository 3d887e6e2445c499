"""Whose code it is, what is read as a line of IPython's, and which character is not Python's."""

import ast
import linecache
import os
import sysconfig

import numpy as np
import pytest

import compgraph
from coursecheck import messages, source


@pytest.fixture(autouse=True)
def english_again():
    yield
    messages.speak()


@pytest.mark.parametrize(
    "filename",
    [
        "<cell one>",
        "<mine.ipynb, code cell 3>",
        "<a name\nof two lines.ipynb, code cell 3>",
        "<ipython-input-3-0123456789ab>",
        "<python-input-0>",
        "<stdin>",
        "/tmp/ipykernel_17/3141592653.py",
        "/home/learner/my/exercises/helper.py",
        __file__,
    ],
)
def test_the_learners_own_files(filename):
    assert source.own(filename)


@pytest.mark.parametrize(
    "filename",
    [
        "<frozen importlib._bootstrap>",
        "<string>",
        "<attrs generated init x>",
        os.__file__,
        ast.__file__,
        "/lib/python314.zip/asyncio/events.py",
        np.__file__,
        compgraph.__file__,
        source.__file__,
        os.path.join(sysconfig.get_path("purelib"), "torch", "nn", "functional.py"),
        os.path.join(os.path.dirname(os.path.dirname(source.__file__)), "ledger", "page.py"),
    ],
)
def test_files_that_are_not_the_learners(filename):
    assert not source.own(filename)


LOOPS = """\
def f(a):
    for i in range(3):
        def g():
            return i
        a += g()
    else:
        a = 0
    b = [
        i
        for i in a
    ]
    while a: a = 0
    return b
f(1)
"""


def test_lines_in_loops():
    linecache.cache["<cell loops>"] = (len(LOOPS), None, LOOPS.splitlines(True), "<cell loops>")
    number = len(LOOPS.splitlines())
    inside = [line for line in range(1, number + 1) if source.in_a_loop("<cell loops>", line)]
    assert inside == [2, 5, 6, 8, 9, 10, 11, 12]
    assert source.in_a_loop("<cell that nobody knows>", 1) is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("%matplotlib inline\na = 1", "pass\na = 1"),
        ("%time x = 1", "x = 1"),
        ("for i in x:\n    %time f(i)\n", "for i in x:\n    f(i)\n"),
        ("%timeit f()", "pass"),
        ("files = !ls", "pass"),
        ("a, b = %sql select", "pass"),
        ("np.tanh?", "pass"),
        ('s = """\n%d of\n"""\n!ls', 's = """\n%d of\n"""\npass'),
        ("a = (7\n%3)", "a = (7\n%3)"),
    ],
)
def test_ipythons_lines(text, same):
    assert ast.dump(source.plain(text)) == ast.dump(ast.parse(same))


def sentence(text):
    with pytest.raises(SyntaxError) as raised:
        source.plain(text)
    return source.foreign(raised.value, text)


@pytest.mark.parametrize(
    ("text", "line", "column", "got", "typed"),
    [
        ("print（1)", 1, 6, "（", "("),
        ("print(1）", 1, 8, "）", ")"),
        ("if x：\n    y", 1, 5, "：", ":"),
        ("a = 1\nb = “x”", 2, 5, "“", '"'),
        ("a = ‘x’", 1, 5, "‘", "'"),
        ('a = "x”', 1, 7, "”", '"'),
        ("f(a，b)", 1, 4, "，", ","),
        ("a = 1；b = 2", 1, 6, "；", ";"),
        ("a ＝ 1", 1, 3, "＝", "="),
        ("a = b ＋ 1", 1, 7, "＋", "+"),
        ("a = b − 1", 1, 7, "−", "-"),
        ("a = b × 1", 1, 7, "×", "*"),
        ("s = '（'\na = f（1)", 2, 6, "（", "("),
        ("a = f'，{b，1}'", 1, 10, "，", ","),
    ],
)
def test_a_character_that_is_not_pythons(text, line, column, got, typed):
    assert sentence(text) == (
        f"`{got}` in line {line}, column {column}, is not Python's. Type `{typed}` instead."
    )
    messages.speak("zh_CN")
    assert sentence(text) == (
        f"第 {line} 行第 {column} 列的 `{got}` 不是 Python 的字符，请改成 `{typed}`。"
    )


@pytest.mark.parametrize(("space", "code"), [("\u3000", "U+3000"), ("\u00a0", "U+00A0")])
def test_a_space_that_is_not_pythons(space, code):
    assert sentence(f"a ={space}1") == (
        f"The space in line 1, column 4, is not Python's ({code}). Type an ordinary space instead."
    )


@pytest.mark.parametrize("text", ["a = = '（'", "a = (1 # ：", "b = 'x", "a = 1 € 2", "x = '你"])
def test_other_errors_are_pythons_own(text):
    assert sentence(text) == ""
