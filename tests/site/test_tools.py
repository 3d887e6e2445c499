"""The set-up and the server, without a network."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book import ROOT, serve
from tools import run_notebooks, setup_environment


def test_the_server_takes_the_next_port_and_serves_modules_as_scripts(tmp_path: Path):
    (tmp_path / "lens.mjs").write_text("export {}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = taken.getsockname()[1]
        with serve.bind(tmp_path, first) as server:
            assert first < server.server_port < first + serve.PORTS_TRIED
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with urlopen(f"http://127.0.0.1:{server.server_port}/lens.mjs") as answer:
                assert answer.headers["Content-Type"] == "text/javascript"
                assert answer.read() == b"export {}"
            server.shutdown()


def test_every_pin_is_exact_and_held_by_the_constraints():
    requirements = (ROOT / "requirements.txt").read_text()
    pins = [line for line in requirements.splitlines() if line and line[0] not in "#-"]
    constraints = set((ROOT / "constraints.txt").read_text().splitlines())
    assert len(pins) > 20
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    assert [pin for pin in pins if pin not in constraints] == []


def test_the_set_up_reads_its_pins_from_the_requirements():
    assert re.fullmatch(r"torch==[\d.]+", setup_environment.pinned("torch"))


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 99, 0)])
def test_a_python_that_does_not_fit_is_told_in_one_sentence(monkeypatch, version):
    monkeypatch.setattr(setup_environment.sys, "version_info", version)
    with pytest.raises(SystemExit) as stop:
        setup_environment.main()
    assert "needs Python 3.11 to 3.14" in str(stop.value)
    assert "\n" not in str(stop.value)


def test_a_complete_set_up_is_skipped_until_an_input_changes(monkeypatch, tmp_path: Path):
    for name in setup_environment.INPUTS:
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(setup_environment, "ROOT", str(tmp_path))
    monkeypatch.setattr(setup_environment, "STAMP", str(tmp_path / "stamp"))
    assert not setup_environment.is_complete()
    (tmp_path / "stamp").write_text(setup_environment.fingerprint())
    assert setup_environment.is_complete()
    (tmp_path / "constraints.txt").write_text("changed")
    assert not setup_environment.is_complete()


def test_an_address_that_does_not_answer_is_given_up():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert not setup_environment.answers(f"http://127.0.0.1:{closed.getsockname()[1]}/")


def test_a_notebook_is_run_in_its_folder_and_stored_without_the_machine(tmp_path: Path):
    path = tmp_path / "one.ipynb"
    (tmp_path / "beside.txt").write_text("found")
    cell = new_code_cell("print(open('beside.txt').read())")
    nbformat.write(new_notebook(cells=[cell], metadata={"author": "me"}), path)
    run_notebooks.run_in_place(path)
    stored = nbformat.read(path, as_version=4)
    assert stored.cells[0].outputs[0].text == "found\n"
    assert set(stored.metadata) == {"kernelspec", "language_info"}
    assert "execution" not in stored.cells[0].metadata
