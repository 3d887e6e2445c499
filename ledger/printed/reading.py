"""Read LaTeX as the book prints it: from letters to words, from words to nested tuples.

A Pratt parser. What it knows of mathematics is how strongly an operator binds, and that two things
side by side are multiplied. `Parser.skipped` lists what carries no value: notes at a line's end,
words behind a formula, what stands under a brace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import normalize

#: a node of an expression: its kind, then what it needs
Node = tuple

GREEK = {
    r"\phi": "φ", r"\sigma": "σ", r"\Sigma": "Σ", r"\eta": "η", r"\mu": "μ", r"\lambda": "λ",
    r"\epsilon": "ε", r"\varepsilon": "ε", r"\delta": "δ", r"\Psi": "Ψ",
    r"\ell": "ℓ", r"\infty": "∞",
}  # fmt: skip
SCRIPT = {"H": "ℋ", "G": "𝒢"}
FONTS = {r"\mathbf": "bold", r"\boldsymbol": "bold", r"\mathcal": "script"}
FUNCTIONS = {r"\operatorname", r"\max", r"\min", r"\log", r"\det", r"\hstack"}
RELATIONS = {"=", r"\leftarrow"}
BREAKS = {r"\\", ",", r"\Longrightarrow", "“for”"}
INFIX = {"+": 10, "-": 10, r"\cdot": 20, r"\times": 20, r"\odot": 20, r"\otimes": 20}
TERM, SIDE_BY_SIDE = 15, 30
CLOSING = {"(": ")", r"\{": r"\}", r"\langle": r"\rangle", r"\|": r"\|", "|": "|", "{": "}"}

_TOKEN = re.compile(
    r"""(?P<note> &&.*?(?=\\\\|\n|$) | \\quad\s*\\text\{(?!for).*?(?=\\\\|\n|$))
    | (?P<looks> \\(?:begin|end)\{aligned\} | \\[,!;\ ] | \\q?quad\b | \{\} | & | \s+
        | \\[bB]ig[lr]?(?![a-zA-Z]) | \\(?:left|right)(?![a-zA-Z.|]) )
    | \\text\{(?P<text>[^}]*)\}
    | (?P<word> \\(?:begin|end)\{bmatrix\} | \\left\. | \\right\| | \{:\} | \\[A-Za-z]+ | \\\\
        | \\[{}|\#] | \d+ | '+ | . )""",
    re.VERBOSE | re.DOTALL,
)
_AS = {  # what is another word for us
    r"\begin{bmatrix}": (r"\hstack", "("), r"\end{bmatrix}": (")",), "{:}": (":",),
    r"\left.": (r"\from",), r"\right|": (r"\at",), r"\tfrac": (r"\frac",), r"\dfrac": (r"\frac",),
}  # fmt: skip


class Misprint(ValueError):
    """An equation cannot be read or computed, or its sides differ; the message says where."""


class Word(str):
    """A token, and where in the LaTeX it stands."""

    start: int
    end: int

    @classmethod
    def at(cls, text: str, start: int, end: int) -> Word:
        word = cls(text)
        word.start, word.end = start, end
        return word


def words_of(latex: str) -> tuple[list[Word], list[str]]:
    """The tokens, and the notes that are skipped."""
    found, skipped, matrix = [], [], False
    for match in _TOKEN.finditer(latex):
        text, span = match[0], match.span()
        if match.lastgroup == "note":
            skipped.append(text.lstrip("& ").strip())
        elif match.lastgroup == "text":
            found.append(Word.at(f"“{match['text'].strip()}”", *span))
        elif match.lastgroup == "word":
            matrix = (matrix or text == r"\begin{bmatrix}") and text != r"\end{bmatrix}"
            found += [Word.at(each, *span) for each in _AS.get(text, (text,))]
        elif text == "&" and matrix:
            found.append(Word.at(",", *span))
    return found, [note for note in skipped if note]


class Parser:
    """The tokens still to be read. `known` are the values: a name is called if its value can be."""

    def __init__(self, words: list[Word], known: Mapping[str, Any], skipped: list[str]):
        end = Word.at("", words[-1].end if words else 0, words[-1].end if words else 0)
        self.tokens, self.known, self.skipped = [*words, end], known, skipped
        self.inside: list[str] = []
        self.end = 0  # of what has been taken
        self.names: list[tuple[str, int, int]] = []  # every name, where it begins and ends

    def expected(self, what: str) -> Misprint:
        word = self.tokens[0]
        return Misprint(f"column {word.start + 1}: expected {what}, found {word or 'the end'!s}")

    def take(self, *expected: str) -> Word:
        """The next token; with arguments the next ones, which must be these."""
        if not expected and not self.tokens[0]:
            raise self.expected("more")
        for word in expected[:-1]:
            self.take(word)
        if expected and self.tokens[0] != expected[-1]:
            raise self.expected(expected[-1] or "the end")
        self.end = max(self.end, self.tokens[0].end)
        return self.tokens.pop(0) if self.tokens[0] else self.tokens[0]

    def parser(self, words: list[Word]) -> Parser:
        inner = Parser(words, self.known, self.skipped)
        inner.names = self.names
        return inner

    def part(self, words: list[Word]) -> Node:
        """The expression that these tokens are, all of them."""
        parser = self.parser(words)
        node = parser.expression()
        parser.take("")
        return node

    def statements(self) -> Iterator[tuple[str | None, list[Node], bool]]:
        """(label or None, sides, whether it is a step ←), for each part of each line."""
        while self.tokens[0]:
            if self.tokens[0] in BREAKS:
                self.take()
                continue
            line = self.tokens[: self.tokens.index(r"\\" if r"\\" in self.tokens else "")]
            label = None
            if ":" in line:
                label = [w.strip("“”\\{}") for w in iter(self.take, ":") if w not in FONTS]
                label = " ".join(" ".join(label).split())
            sides, step = [self.expression()], self.tokens[0] == r"\leftarrow"
            while self.tokens[0] in RELATIONS:
                self.take()
                sides.append(self.expression())
            if self.tokens[0] not in BREAKS | {""}:
                raise self.expected("an operator, = or the end of the line")
            yield label, sides, step

    def expression(self, binding: int = 0) -> Node:
        while self.tokens[0] == r"\\":
            self.take()
        left = self.factor()
        while True:
            token, then = (*self.tokens, "")[:2]
            if token == r"\\" and then in INFIX.keys() | RELATIONS | {r"\}", ")"}:
                self.take()
            elif token.startswith("“") and token not in BREAKS:  # behind a formula: "bytes"
                self.skipped.append(self.take().strip("“”"))
            elif token in INFIX:
                if INFIX[token] <= binding:
                    return left
                left = (str(self.take()), left, self.expression(INFIX[token]))
            elif binding < SIDE_BY_SIDE and self.begins_factor(token):
                left = (r"\cdot", left, self.expression(SIDE_BY_SIDE))
            else:
                return left

    def begins_factor(self, token: str) -> bool:
        if token in (r"\|", "|"):
            return self.inside[-1:] != [token]
        ends = RELATIONS | BREAKS | set(CLOSING.values()) | {r"\at", r"\top", ""}
        return token not in ends and bool(re.match(r"[^\W_]|[({]|\\[A-Za-z{]", token))

    def between(self, opening: str) -> list[Node]:
        self.take(opening)
        self.inside.append(opening)
        parts = [self.expression()]
        while self.tokens[0] == ",":
            self.take()
            parts.append(self.expression())
        self.inside.pop()
        self.take(CLOSING[opening])
        return parts

    def factor(self) -> Node:
        token = self.tokens[0]
        if token == "-":
            self.take()
            return ("negative", self.expression(TERM))
        if token == r"\sum":
            self.take(r"\sum", "_")
            letters, upper = [w for w in self.group() if w != ","], None
            if letters[1:] == ["=", "1"]:
                self.take("^")
                letters, upper = letters[:1], self.part(self.group())
            return ("sum", [str(w) for w in letters], upper, self.expression(TERM))
        if token == r"\mathbb":
            self.take(r"\mathbb", "{", "E", "}")
            return ("mean", self.expression(TERM))
        if token == r"\nabla" and self.tokens[1] == "_":
            self.take(r"\nabla", "_", "{")
            variable = self.name()
            self.take("}")
            return ("derivative", variable, self.expression(TERM))
        if token == r"\frac":
            start = self.take().start
            above, below = self.group(), self.group()
            if not above or above[0] not in (r"\partial", r"\mathrm"):
                return self.postfix(("/", self.part(above), self.part(below)))
            operator = above in ([r"\partial"], [r"\mathrm", "{", "d", "}"])
            if operator and below[: len(above)] == above:
                variable = self.parser(below[len(above) :]).name()
                return ("derivative", variable, self.expression(TERM))
            return self.postfix(self.partial(above, below, start))
        return self.postfix(self.simple(token))

    def simple(self, token: Word) -> Node:
        """A factor without what may be attached to it."""
        if token.isdigit():
            return ("number", int(self.take()))
        if token in (r"\dots", r"\cdots"):
            self.take()
            return ("rest",)
        if token.startswith("“"):
            return ("name", self.take().strip("“”"), [], None)
        if token == r"\#":  # how many there are
            self.take(r"\#", r"\{")
            node = ("call", self.take().strip("“”"), [self.name()])
            self.take(r"\}")
            return node
        if token == r"\underbrace":
            self.take()
            node = self.part(self.group())
            self.take("_")
            self.skipped.append("under a brace: " + " ".join(w.strip("“”") for w in self.group()))
            return node
        if token == r"\from":  # \left. … \right|_{ε = 0}
            self.take()
            node = self.expression()
            self.take(r"\at", "_")
            group = self.group()
            last = len(group) - group[::-1].index("=") if "=" in group else 0
            if not last:
                raise self.expected("a place, such as ε = 0, before this")
            name = self.parser(group[: group.index("=")]).name()
            return ("at", name[1], self.part(group[last:]), node)
        if token in FUNCTIONS:
            name = self.take().strip("\\")
            name = "".join(self.group()) if name == "operatorname" else name
            bracket = self.tokens[0] in ("(", r"\{", "|")
            return ("call", name, self.between(self.tokens[0]) if bracket else [self.factor()])
        if token == r"\langle":
            return ("inner", *self.between(token))
        if token == r"\|":
            node = ("norm", *self.between(token))
            return (str(self.take("_", "F")), node[1]) if self.tokens[0] == "_" else node
        if token in CLOSING:
            parts = self.between(token)
            return parts[0] if len(parts) == 1 else ("tuple", *parts)
        node = self.name()
        if self.tokens[0] == "(" and callable(self.known.get(node[1])):
            return ("call", node[1], self.between("("))
        return node

    def postfix(self, node: Node) -> Node:
        while self.tokens[0] in ("^", "_"):
            if self.take() == "_":
                node = ("index", node, self.subscript()[1])
                continue
            exponent = self.group()
            if exponent[-1:] != [r"\top"]:
                node = ("^", node, self.part(exponent))
            else:
                node = ("transpose", node)
                node = ("^", node, ("number", -1)) if exponent[0] == "-" else node
        return node

    def group(self) -> list[Word]:
        """The tokens of a {group}, or the one that stands for it: of 12, as TeX reads it, the 1."""
        if self.tokens[0] != "{":
            word = self.take()
            if word.isdigit() and len(word) > 1:
                self.tokens.insert(0, Word.at(word[1:], word.start + 1, word.end))
                return [Word.at(word[0], word.start, word.start + 1)]
            return [word]
        inner: list[Word] = []
        self.take()
        while self.tokens[0] not in ("}", ""):
            if self.tokens[0] == "{":
                start = self.tokens[0].start
                nested = self.group()
                inner += [Word.at("{", start, start + 1), *nested, Word.at("}", start, start + 1)]
            else:
                inner.append(self.take())
        self.take("}")
        return inner

    def subscript(self) -> tuple[str, list[str]]:
        """What belongs to the name, and what may be an index."""
        words = [GREEK.get(w, w.strip("“”")) for w in self.group() if w not in ("(", ")")]
        text = "".join(words)
        if {"+", "-"} & set(words):
            return "", [text]
        letters = [w for w in words if len(w) == 1 and w.isalpha() and w.islower()]
        if len(letters) < len(words) and "," not in words:
            return text, []
        return "".join(w for w in words if w not in (",", *letters)), letters

    def name(self) -> Node:
        """("name", key, indices, font); the key of a rate is like Ż, of a derivative ∂J/∂W_2."""
        start = self.tokens[0].start
        node = self._name()
        self.names.append((node[1], start, self.end))
        return node

    def _name(self) -> Node:
        token, font = self.take(), "plain"
        if token == "(":  # the entry (b_1)_i
            _, key, indices, _ = self._name()
            self.take(")", "_")
            return ("name", key, indices + self.subscript()[1], "plain")
        if dotted := token == r"\dot":
            inner = self.group()
            token, self.tokens = inner[0], inner[1:] + self.tokens
        if token in FONTS:
            font, token = FONTS[token], Word.at("".join(self.group()), token.start, token.end)
        if token == r"\nabla":
            return ("name", "∇" + self._name()[1], [], None)
        key = GREEK.get(token, token)
        if not re.fullmatch(r"[^\W_]", key) or font == "plain" and key.isdigit():
            raise Misprint(f"column {token.start + 1}: expected a name, found {token or 'the end'}")
        if key == "d" and (self.tokens[0] in FONTS or "d" + self.tokens[0] in self.known):
            _, key, indices, font = self._name()
            return ("name", "d" + key, indices, font)
        key = SCRIPT.get(key, key) if font == "script" else key
        key, indices = normalize("NFC", key + "\u0307" * dotted), []
        while True:
            if self.tokens[0].startswith("'"):
                key += self.take()
            elif self.tokens[0] == "_" and not indices:
                self.take()
                fixed, indices = self.subscript()
                key += f"_{fixed}" * bool(fixed)
            elif self.tokens[:2] == ["^", r"\star"]:
                self.take("^", r"\star")
                key += "*"
            else:
                return ("name", key, indices, font)

    def partial(self, above: list[Word], below: list[Word], start: int) -> Node:
        """A partial derivative as a name: ∂J/∂W_2, ∂Y/∂X with four indices, ∂²l/∂w²."""
        second = above[1:3] == ["^", "2"]
        if second != (below[-2:] == ["^", "2"]) or below[0] != r"\partial":
            raise Misprint(f"column {start + 1}: expected ∂… over ∂…, or ∂²… over ∂…²")
        parts = [above[3:], below[1:-2]] if second else [above[1:], below[1:]]
        of, by = (self.parser(words)._name() for words in parts)
        key = f"∂²{of[1]}/∂{by[1]}²" if second else f"∂{of[1]}/∂{by[1]}"
        self.names.append((key, start, self.end))
        return ("name", key, of[2] + by[2], by[3])
