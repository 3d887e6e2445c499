// Live graphs. A drawing carries facts about its nodes (compgraph.describe); this shows them.
//
// Every svg.compgraph with facts gets lenses, steps and a status line. Without this script the
// drawing is what it always was: a picture with a text alternative.

import { make } from "./make.mjs";
import { say } from "./say.mjs";

const LENSES = [
  // name, label, the facts it needs, what it writes beside a node
  ["shape", say("shape"), (facts) => facts.shape, (facts) => facts.shape],
  ["gradient", say("gradient"), (facts) => facts.gradient, (facts) => facts.gradientValue && short(facts.gradientValue)],
  ["bytes", say("bytes"), (facts) => facts.bytes, (facts) => bytes(facts.bytes)],
  ["order", say("order"), (facts) => facts.step, (facts) => facts.step && String(facts.step)],
  ["device", say("device"), (facts) => facts.device, (facts) => facts.device],
];

const short = (value) => (value.length > 14 ? "" : value);
const bytes = (count) =>
  count < 1024 ? `${count} B` : count < 1024 ** 2 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1024 ** 2).toFixed(1)} MiB`;

class LiveGraph {
  constructor(svg, { base, nodes }) {
    this.svg = svg;
    this.base = base;
    this.facts = new Map(Object.entries(nodes));
    this.readers = new Map();
    let step = 0;
    for (const [id, facts] of this.facts) {
      if (facts.reads.length) facts.step = ++step;
      for (const source of facts.reads) this.readers.set(source, [...(this.readers.get(source) ?? []), id]);
    }
    this.sequence = [...this.facts.keys()].filter((id) => this.facts.get(id).step);
    this.most = Math.max(...[...this.facts.values()].map((facts) => facts.bytes));
    this.peak = Math.max(...[...this.facts.values()].map((facts) => facts.live ?? 0));
    this.now = 0; // steps done; 0 shows the whole graph
    this.buildControls();
    this.buildNodes();
    this.look("shape");
  }

  // a named node is drawn twice: as a circle, its operator, and as a square, its value
  elements(id) {
    return [`n-${id}`, `n-${id}_value`]
      .map((name) => this.svg.querySelector(`[id="${name}"]`))
      .filter(Boolean);
  }

  label(id) {
    const facts = this.facts.get(id);
    return facts.name ?? facts.equation;
  }

  buildControls() {
    const group = make("fieldset", { class: "lenses" }, make("legend", {}, say("Look at")));
    const name = `lens-${this.facts.keys().next().value}`;
    for (const [lens, label, needs] of LENSES) {
      if (![...this.facts.values()].some(needs)) continue;
      const radio = make("input", { type: "radio", name, value: lens });
      radio.checked = lens === "shape";
      radio.addEventListener("change", () => this.look(lens));
      group.append(make("label", {}, radio, label));
    }
    const button = (text, label, change) => {
      const element = make("button", { type: "button", "aria-label": label, title: label }, text);
      element.addEventListener("click", () => this.step(change()));
      return element;
    };
    const last = this.sequence.length;
    this.counter = make("span", { class: "counter" });
    const steps = make(
      "div",
      { class: "steps", role: "group", "aria-label": say("Run the graph step by step") },
      button(say("all"), say("all: show the whole graph"), () => 0),
      button("◀", say("one step back"), () => (this.now > 0 ? this.now - 1 : last)),
      button("▶", say("one step on"), () => (this.now < last ? this.now + 1 : 0)),
      this.counter,
    );
    this.meter = make("meter", { min: 0, max: this.peak || 1, "aria-label": say("bytes held beyond the inputs") });
    this.live = make("span", { class: "live-bytes" }, this.meter, make("span"));
    this.status = make("div", { class: "facts", role: "status" });
    this.frame = make("div", { class: "live-graph" });
    this.svg.parentElement.before(this.frame);
    this.frame.append(make("div", { class: "controls" }, group, steps, this.live), this.svg.parentElement, this.status);
  }

  buildNodes() {
    this.svg.setAttribute("role", "group");
    for (const id of this.facts.keys()) {
      const facts = this.facts.get(id);
      for (const element of this.elements(id)) {
        element.classList.add("live");
        element.setAttribute("role", "button");
        element.setAttribute("tabindex", "-1");
        element.setAttribute("aria-label", facts.equation + say(", ") + facts.shape);
        for (const event of ["pointerenter", "focus", "click"]) element.addEventListener(event, () => this.select(id, element));
        element.addEventListener("keydown", (event) => this.key(event, id));
      }
    }
    this.elements(this.facts.keys().next().value)[0]?.setAttribute("tabindex", "0");
  }

  // arrows: on to what reads the node, back to what it reads, aside in the order of execution
  key(event, id) {
    const order = [...this.facts.keys()];
    const at = order.indexOf(id);
    const target = {
      ArrowUp: this.readers.get(id)?.[0],
      ArrowDown: this.facts.get(id).reads[0],
      ArrowRight: order[at + 1],
      ArrowLeft: order[at - 1],
      Home: order[0],
      End: order.at(-1),
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.elements(target).at(-1)?.focus();
  }

  select(id, element) {
    if (this.selected === id) return;
    this.selected = id;
    for (const other of this.svg.querySelectorAll("[tabindex='0']")) other.setAttribute("tabindex", "-1");
    element?.setAttribute("tabindex", "0");
    const related = { selected: new Set([id]), reads: new Set(this.facts.get(id).reads), readers: new Set(this.readers.get(id)) };
    for (const other of this.facts.keys()) {
      for (const part of this.elements(other)) {
        for (const [relation, ids] of Object.entries(related)) part.classList.toggle(relation, ids.has(other));
      }
    }
    this.tell(id);
  }

  tell(id) {
    const facts = this.facts.get(id);
    const names = (ids) => [...ids].map((other) => this.label(other)).join(say(", "));
    const rows = [
      [say("shape"), facts.shape],
      [say("value"), facts.value],
      [say("gradient"), [...new Set([facts.gradient, facts.gradientValue])].filter(Boolean).join(" = ")],
      [say("bytes"), facts.bytes ? bytes(facts.bytes) : undefined],
      [say("device"), facts.device],
      [say("read by"), this.readers.has(id) ? names(this.readers.get(id)) : say("nothing: it is a result")],
    ].filter(([, text]) => text);
    const list = make("dl");
    for (const [term, text] of rows) list.append(make("div", {}, make("dt", {}, term), make("dd", {}, text)));
    this.status.replaceChildren(make("p", {}, facts.equation), list);
  }

  look(lens) {
    this.frame.dataset.lens = lens;
    const [, , , text] = LENSES.find(([name]) => name === lens);
    for (const badge of this.svg.querySelectorAll(".badge")) badge.remove();
    for (const [id, facts] of this.facts) {
      const parts = this.elements(id);
      for (const part of parts) part.style.setProperty("--weight", lens === "bytes" ? facts.bytes / this.most : 0);
      if (lens === "shape" || !text(facts)) continue; // the shapes stand on the edges
      const part = parts.at(-1);
      const box = part.getBBox();
      const badge = document.createElementNS(this.svg.namespaceURI, "text");
      badge.setAttribute("class", "badge");
      badge.setAttribute("x", box.x + box.width + 2);
      badge.setAttribute("y", box.y + 4);
      badge.textContent = text(facts);
      part.append(badge);
    }
    if (this.selected) this.tell(this.selected);
    else this.status.replaceChildren(make("p", {}, say("Point at a node, or press Tab and the arrow keys.")));
  }

  /** Move the drawing in its box, and nothing else, so that the element is seen. */
  show(element) {
    const box = this.svg.parentElement;
    const [there, seen] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
    if (there.left < seen.left || there.right > seen.right) {
      box.scrollLeft += (there.left + there.right - seen.left - seen.right) / 2;
    }
  }

  step(now) {
    this.now = now;
    const done = new Set(this.sequence.slice(0, now));
    for (const [id, facts] of this.facts) {
      const waits = now > 0 && facts.step && !done.has(id);
      for (const part of this.elements(id)) part.classList.toggle("waits", Boolean(waits));
    }
    for (const edge of this.svg.querySelectorAll(".edge")) {
      const ends = [...this.facts.keys()].filter((id) => edge.id.includes(`-${id}`) && this.facts.get(id).step && !done.has(id));
      edge.classList.toggle("waits", now > 0 && ends.some((id) => edge.id.endsWith(`-${id}`) || edge.id.endsWith(`-${id}_value`)));
    }
    this.counter.textContent = now ? say("step {now} of {all}", { now, all: this.sequence.length }) : "";
    const live = now ? (this.facts.get(this.sequence[now - 1]).live ?? 0) : 0;
    this.meter.value = live;
    this.live.lastChild.textContent = now
      ? say("{live} held beyond the inputs, peak {peak}", { live: bytes(live), peak: bytes(this.peak) })
      : "";
    this.live.hidden = !now;
    if (!now) return;
    const element = this.elements(this.sequence[now - 1]).at(-1);
    this.select(this.sequence[now - 1], element);
    this.show(element);
  }
}

function enliven(svg) {
  const data = svg.dataset.facts ?? svg.querySelector("metadata")?.textContent;
  if (data) new LiveGraph(svg, JSON.parse(data)).step(0);
}

document.querySelectorAll("svg.compgraph").forEach(enliven);
// a workbook draws what its learner wrote
document.addEventListener("compgraph:drawn", ({ target }) => enliven(target));
