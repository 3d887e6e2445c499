"""What a drawing shows, in words: kept as data, and said in the language of whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

#: an English sentence -> the same in the reader's language
Say = Callable[[str], str]

_WITH_OUTPUTS = "Computational graph: from {inputs} by {operators} to {outputs}"
_WITHOUT = "Computational graph: from {inputs} by {operators}"
_ONE, _SEVERAL = "1 operator", "{count} operators"

#: every sentence that `Parts.in_words` may ask a translation of
SENTENCES = (_WITH_OUTPUTS, _WITHOUT, _ONE, _SEVERAL)


@dataclass(frozen=True)
class Parts:
    """The names of what a drawing starts from, how many operators it has, and what it names."""

    inputs: tuple[str, ...]
    operators: int
    outputs: tuple[str, ...] = ()

    def in_words(self, say: Say = str) -> str:
        """One sentence for those who do not see the picture."""
        count = say(_ONE) if self.operators == 1 else say(_SEVERAL)
        return say(_WITH_OUTPUTS if self.outputs else _WITHOUT).format(
            inputs=", ".join(self.inputs),
            operators=count.format(count=self.operators),
            outputs=", ".join(self.outputs),
        )

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Parts:
        read = json.loads(text)
        return cls(tuple(read["inputs"]), read["operators"], tuple(read["outputs"]))
