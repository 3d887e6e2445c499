"""The command line, and torchrun over two machines (both of them this one)."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import parallel.__main__

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("by_hand.pipeline", "by_torch.sharded")
# this machine alone, whatever its host name resolves to
LOOPBACK = [name for _, name in socket.if_nameindex() if name in ("lo", "lo0")]


def command(*arguments):
    environment = os.environ | {"GLOO_SOCKET_IFNAME": ",".join(LOOPBACK)}
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_two_machines():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    machines = [
        command(
            "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1", f"--node-rank={k}",
            "--master-addr=127.0.0.1", f"--master-port={port}", "-m", "parallel", *NAMES,
        )
        for k in range(2)
    ]  # fmt: skip
    try:
        (first, trouble), (second, _) = (machine.communicate(timeout=240) for machine in machines)
    finally:
        for machine in machines:
            machine.kill()
    assert [machine.returncode for machine in machines] == [0, 0], trouble
    lines = first.splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)
    assert all("gradient within 1e-12" in line for line in lines)
    assert second == ""  # one machine speaks for all


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["parallel", *arguments])
    parallel.__main__.main()


def test_one_machine_without_torchrun(monkeypatch, capsys):
    run(monkeypatch, "--workers", "2", *NAMES, "by_hand.data_tensor")
    pipeline, sharded, grid = capsys.readouterr().out.splitlines()
    assert pipeline.endswith("at most    384 B of parameters on a worker;   1,024 B sent")
    assert "by_torch.sharded" in sharded and "gradient within 1e-12" in sharded
    assert grid.split(maxsplit=1) == [
        "by_hand.data_tensor",
        "needs 4 or more workers that divide by 2",
    ]


def test_an_unknown_strategy(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch, "by_magic")
    assert "no strategy by_magic; there are by_hand.pipeline" in capsys.readouterr().err


BY_SPAWN = """
import importlib, runpy
importlib.import_module("parallel.launch")._default_start = lambda: "spawn"
runpy.run_module("parallel", run_name="__main__", alter_sys=True)
"""


def test_where_processes_are_not_forked():
    ran = subprocess.run(
        [sys.executable, "-c", BY_SPAWN, "--workers", "2", *NAMES],
        cwd=ROOT, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line.split()[0] for line in ran.stdout.splitlines()] == list(NAMES)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        *((("--workers", n), "--workers: expected a positive whole number, got ")
          for n in ("0", "-3", "1.5", "two", "")),
        *((("--timeout", t), "--timeout: expected a number of seconds above 0 and at most 1,000,")
          for t in ("-5", "0", "nan", "inf", "1e12", "soon", "")),
        (("--workers",), "--workers: expected one argument"),
        (("--wrokers", "4"), "unrecognized arguments"),
    ],
)  # fmt: skip
def test_a_bad_command_line_ends_in_a_sentence(monkeypatch, capsys, arguments, sentence):
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert sentence in error.splitlines()[-1] and "Traceback" not in error


def test_no_folder_for_temporary_files_ends_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(SystemExit, match="there is no folder for temporary files"):
        run(monkeypatch, "--workers", "2", "by_hand.data")
