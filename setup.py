"""What pyproject.toml cannot say: an installed package brings the right answers' texts along.

They stand in the solution notebooks, which stay behind.
"""

from pathlib import Path
from runpy import run_path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


class WithAnswers(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the notebooks are there
            return
        texts = run_path(str(HERE / "coursecheck" / "texts.py"))  # without NumPy, which is not here
        folder = Path(self.build_lib, texts["ANSWERS"].relative_to(HERE))
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts["packed"]().items():
            (folder / name).write_text(text, encoding="utf-8")


setup(cmdclass={"build_py": WithAnswers})
