"""The forms of issues and pull requests, dependabot and the changelog: they name what exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from book import ROOT
from coursecheck.exercises import NAMES, load

FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
KINDS = {"dropdown", "input", "textarea", "markdown", "checkboxes"}
MANIFESTS = {
    "pip": "requirements.txt",
    "npm": "package-lock.json",
    "github-actions": ".github/workflows",
}


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def questions(name: str) -> dict[str, dict]:
    return {item["id"]: item for item in read(FORMS / f"{name}.yml")["body"]}


def faults(form: dict) -> list[str]:
    """What would keep the form from being shown, or a question from being asked rightly."""
    wrong = [f"no {key}" for key in ("name", "description", "body") if not form.get(key)]
    body = form.get("body") or []
    wrong += [f"unknown type {item.get('type')}" for item in body if item.get("type") not in KINDS]
    ids = [item.get("id") for item in body]
    wrong += [f"id {name} twice" for name in sorted({str(i) for i in ids if ids.count(i) > 1})]
    wrong += [
        "a question without a label" for i in body if not i.get("attributes", {}).get("label")
    ]
    return wrong


@pytest.mark.parametrize("name", ["wrong-answer", "text"])
def test_a_form_is_one_that_can_be_shown(name: str):
    assert faults(read(FORMS / f"{name}.yml")) == []
    assert all(item["validations"]["required"] for item in questions(name).values())


def test_a_form_that_cannot_be_shown_is_noticed():
    item = {"type": "inputs", "id": "x", "attributes": {}}
    assert faults({"name": "n", "body": [item, item]}) == [
        "no description", "unknown type inputs", "unknown type inputs", "id x twice",
        "a question without a label", "a question without a label",
    ]  # fmt: skip


def test_the_form_of_wrong_answers_offers_the_checker_s_exercises():
    asked = questions("wrong-answer")
    assert asked["exercise"]["attributes"]["options"] == list(NAMES)
    tasks = {task.key for name in NAMES for task in load(name).tasks}
    assert asked["task"]["attributes"]["placeholder"] in tasks
    assert list(asked) == ["exercise", "task", "code", "said", "mistake"]


def test_an_issue_may_also_be_blank():
    assert read(FORMS / "config.yml")["blank_issues_enabled"] is True


def test_dependabot_looks_where_there_is_something_to_update():
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {each["package-ecosystem"] for each in updates} == set(MANIFESTS)
    for each in updates:
        folder = ROOT / each["directory"].lstrip("/")
        assert (folder / MANIFESTS[each["package-ecosystem"]]).exists(), each
        assert each["schedule"] == {"interval": "monthly"} and len(each["groups"]) == 1
    locks = {path.parent for path in (ROOT / "book").glob("*/npm/package-lock.json")}
    assert locks == {ROOT / e["directory"][1:] for e in updates if e["package-ecosystem"] == "npm"}


def test_the_pull_request_template_names_commands_and_files_that_exist():
    text = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    commands = re.findall(r"`make ([\w-]+)`", text)
    targets = re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert commands and set(commands) <= set(targets)
    assert all((ROOT / name).exists() for name in re.findall(r"`([\w.]+\.md)`", text))


def test_the_changelog_has_this_version_and_what_came_after():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"(?m)^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    released = read(ROOT / "CITATION.cff")["date-released"]
    assert versions[:2] == [("Unreleased", ""), (project["version"], str(released))]
    parts = set(re.findall(r"(?m)^### (.+)$", text))
    assert parts <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
