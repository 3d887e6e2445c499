"""The live graph on the first page: lenses, steps, keyboard, and what is left without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import served


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as where:
        yield where


@pytest.fixture
def graph(chromium: Browser, address: str) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1280, "height": 1000})
    opened.goto(f"{address}index.html")
    opened.locator(".live-graph").scroll_into_view_if_needed()
    yield opened
    opened.close()


@pytest.fixture
def facts(graph: Page) -> dict:
    """What compgraph said of the drawing: id -> facts, in the order of execution."""
    return json.loads(graph.locator("svg.compgraph").get_attribute("data-facts"))["nodes"]


def lens(graph: Page, name: str) -> None:
    graph.locator(".lenses").get_by_label(name, exact=True).check()


def badges(graph: Page) -> list[str]:
    return graph.locator("svg.compgraph .badge").all_text_contents()


def status(graph: Page) -> Locator:
    return graph.locator(".live-graph [role=status]")


def node(graph: Page, name: str) -> Locator:
    """The element of a node that takes the focus: the last of its two."""
    return graph.locator(f'[id="n-{name}"], [id="n-{name}_value"]').last


def test_there_are_five_lenses_and_each_shows_its_facts(graph: Page, facts: dict):
    assert graph.locator(".lenses label").all_inner_texts() == [
        "shape", "gradient", "bytes", "order", "device",
    ]  # fmt: skip
    assert badges(graph) == []  # shapes stand on the edges
    lens(graph, "order")
    computed = [fact for fact in facts.values() if fact["reads"]]
    assert sorted(map(int, badges(graph))) == list(range(1, len(computed) + 1))
    lens(graph, "device")
    placed = [fact["device"] for fact in facts.values() if "device" in fact]
    assert sorted(badges(graph)) == sorted(placed)
    lens(graph, "bytes")
    assert len(badges(graph)) == len(facts)
    lens(graph, "gradient")
    assert 0 < len(badges(graph)) < len(facts)


def test_a_node_tells_what_compgraph_knows_of_it(graph: Page, facts: dict):
    for name, fact in facts.items():
        node(graph, name).dispatch_event("click")
        said = status(graph).inner_text()
        assert fact["equation"] in said and fact["shape"] in said
        assert fact.get("gradient", "") in said and fact.get("device", "") in said
        assert fact.get("value", "") in said


def test_what_depends_on_a_node_is_marked(graph: Page, facts: dict):
    name = next(name for name, fact in facts.items() if len(fact["reads"]) == 2)
    node(graph, name).dispatch_event("click")
    marked = graph.locator("svg.compgraph .reads").evaluate_all("all => all.map(e => e.id)")
    read = {mark.removeprefix("n-").removesuffix("_value") for mark in marked}
    assert read == set(facts[name]["reads"])
    readers = [other for other, fact in facts.items() if name in fact["reads"]]
    marked = graph.locator("svg.compgraph .readers").evaluate_all("all => all.map(e => e.id)")
    assert {mark.removeprefix("n-").removesuffix("_value") for mark in marked} == set(readers)


def test_it_runs_step_by_step_in_the_order_of_execution(graph: Page, facts: dict):
    computed = [name for name, fact in facts.items() if fact["reads"]]
    on = graph.get_by_role("button", name="one step on")
    for step, name in enumerate(computed, start=1):
        on.click()
        expect(graph.locator(".counter")).to_have_text(f"step {step} of {len(computed)}")
        assert facts[name]["equation"] in status(graph).inner_text()
        meter = graph.locator(".live-bytes meter")
        assert (
            float(meter.get_attribute("value") or meter.evaluate("m => m.value"))
            == (facts[name]["live"])
        )
        waiting = graph.locator("svg.compgraph .node.waits")
        assert (waiting.count() == 0) == (step == len(computed))
    graph.get_by_role("button", name="one step back").click()
    expect(graph.locator(".counter")).to_have_text(f"step {len(computed) - 1} of {len(computed)}")
    graph.get_by_role("button", name="all: show the whole graph").click()
    expect(graph.locator(".counter")).to_have_text("")
    assert graph.locator("svg.compgraph .waits").count() == 0


def test_the_keyboard_walks_the_graph(graph: Page, facts: dict):
    names = list(facts)
    graph.get_by_role("button", name="one step on").focus()
    focused = "document.activeElement.id"
    for _ in range(2):  # the box around a wide drawing scrolls, and is on the way
        graph.keyboard.press("Tab")
        if graph.evaluate(focused):
            break
    assert graph.evaluate(focused).startswith(f"n-{names[0]}")
    for name in names[1:4]:
        graph.keyboard.press("ArrowRight")
        assert graph.evaluate(focused) in (f"n-{name}", f"n-{name}_value")
        assert facts[name]["equation"] in status(graph).inner_text()
    graph.keyboard.press("End")
    assert graph.evaluate(focused) in (f"n-{names[-1]}", f"n-{names[-1]}_value")
    graph.keyboard.press("ArrowDown")
    assert graph.evaluate(focused) in {
        f"n-{facts[names[-1]]['reads'][0]}{end}" for end in ("", "_value")
    }
    graph.keyboard.press("Home")
    assert graph.evaluate(focused).startswith(f"n-{names[0]}")


def test_only_one_node_is_in_the_order_of_tabs(graph: Page):
    assert graph.locator("svg.compgraph [tabindex='0']").count() == 1


def test_without_a_script_it_is_a_picture_with_words(chromium: Browser, address: str):
    context = chromium.new_context(java_script_enabled=False)
    graph = context.new_page()
    graph.goto(f"{address}index.html")
    drawing = graph.locator("svg.compgraph")
    expect(drawing).to_be_visible()
    assert "computational graph" in drawing.get_attribute("aria-label").lower()
    assert graph.locator(".live-graph").count() == 0
    context.close()


def test_on_paper_there_are_no_controls(graph: Page):
    graph.emulate_media(media="print")
    expect(graph.locator("svg.compgraph")).to_be_visible()
    expect(graph.locator(".live-graph .controls")).to_be_hidden()
