// One code cell of a workbook: its code, its buttons, its output.

import { make } from "./make.mjs";
import { say } from "./say.mjs";
import { cellPart } from "./store.mjs";

const STATES = { todo: say("○ to do"), right: say("✓ right"), not_yet: say("✗ not yet") };
const BUTTONS = {
  idle: [say("▶ Run"), say("Run")],
  waiting: [say("■ Stop"), say("Waiting. Stop")],
  running: [say("■ Stop"), say("Running. Stop")],
};
const KEPT_OUTPUT = 100_000; // characters; a longer output is shown, and gone after a reload
const SAVE_MILLISECONDS = 300;

export class Cell {
  /**
   * `place` holds the page's own code block, or nothing for a cell that the book does not have.
   * `book` is the book's text. `workbook` is asked to run, to open editors and to save.
   */
  constructor(workbook, id, place, book) {
    Object.assign(this, { workbook, id, place, book });
    this.record = workbook.store.read(cellPart(id));
    this.text = this.record.source ?? book;
    this.name = workbook.nameOf(id);
    this.build();
    if (this.record.outputs) this.showAgain();
  }

  build() {
    this.code = this.place.querySelector("pre") ?? this.place.appendChild(make("pre", { class: "wb-plain" }));
    this.code.setAttribute("tabindex", "0");
    this.code.setAttribute("role", "textbox");
    this.code.setAttribute("aria-multiline", "true");
    this.code.setAttribute("aria-label", say("Code, {name}. Enter edits.", this));
    if (this.text !== this.book || !this.code.textContent) this.code.textContent = this.text;
    this.code.addEventListener("click", (event) => this.edit({ x: event.clientX, y: event.clientY }));
    this.code.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (event.shiftKey || event.ctrlKey || event.metaKey) this.workbook.run(this);
      else this.edit();
    });
    this.button = make("button", { type: "button", class: "wb-run", click: () => this.toggle() });
    this.undo = make("button", { type: "button", click: () => this.workbook.reset([this]) }, say("Reset"));
    this.badge = make("span", { class: "wb-badge" });
    this.note = make("p", { class: "wb-note", hidden: "" });
    this.output = make("div", { class: "wb-output", role: "region", "aria-live": "polite", "aria-label": say("Output, {name}", this) });
    this.place.append(make("div", { class: "wb-tools" }, this.button, this.undo, this.badge), this.note, this.output);
    this.become("idle");
    this.told();
  }

  // --- code ----------------------------------------------------------------------------------

  /** Open the editors; then put the cursor where the pointer was, or select the first blank. */
  async edit(point) {
    await this.workbook.openEditors();
    const blank = this.text.search(/(?<!\.)\.\.\.(?!\.)/);
    this.editor.focusAt(point, Math.max(blank, 0));
    if (!point && blank >= 0) this.editor.select(blank, blank + 3);
  }

  open(createEditor) {
    if (this.editor) return;
    const host = make("div", { class: "wb-editor" });
    (this.code.closest(".cell_input") ?? this.code).replaceWith(host);
    const run = (after) => () => (this.workbook.run(this), after?.(), true);
    this.editor = createEditor({
      parent: host,
      text: this.text,
      label: say("Code, {name}. Shift+Enter runs it. Escape, then Tab leaves it.", this),
      keys: [
        { key: "Shift-Enter", run: run(() => this.workbook.after(this)?.edit()) },
        { key: "Mod-Enter", run: run() },
      ],
      changed: (text) => this.changed(text),
    });
  }

  changed(text) {
    if (text === this.text) return;
    this.text = text;
    this.place.classList.toggle("wb-stale", Boolean(this.output.firstChild));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_MILLISECONDS);
    this.told();
  }

  /** Set the code from outside: reset, import, another tab. */
  setText(text) {
    if (this.editor) this.editor.text = text;
    else {
      this.code.textContent = text;
      this.changed(text);
    }
  }

  /** Keep what there is. Text that equals the book's is not kept: it follows the book. */
  save() {
    clearTimeout(this.timer);
    const { source, base, ...rest } = this.record;
    // An edit remembers which text of the book it began from.
    this.record = this.text === this.book ? rest : { ...rest, source: this.text, base: source === undefined ? this.book : (base ?? this.book) };
    this.workbook.keep(cellPart(this.id), this.record);
    this.told();
  }

  told() {
    this.undo.hidden = this.text === this.book;
    const moved = this.record.base !== undefined && this.record.base !== this.book && this.text !== this.book;
    this.note.hidden = !moved;
    if (moved) this.note.textContent = say("The book has changed this cell since you began. Your text is kept; Reset shows the book's.");
  }

  // --- running -------------------------------------------------------------------------------

  toggle() {
    if (this.state === "idle") this.workbook.run(this);
    else this.workbook.stop();
  }

  become(state) {
    this.state = state;
    const [text, label] = BUTTONS[state];
    this.button.textContent = text;
    this.button.setAttribute("aria-label", label + say(": ") + this.name);
    this.place.dataset.state = state;
  }

  begin() {
    this.become("running");
    this.place.classList.remove("wb-stale", "wb-old");
    this.output.replaceChildren();
    this.editor?.mark(null);
    this.outputs = [];
    this.tasks = {};
    this.badge.textContent = "";
    delete this.badge.dataset.state;
  }

  /** Something that the cell did; `this.outputs` collects it for the next visit. */
  hear(kind, facts) {
    if (kind === "checked") {
      Object.assign(this.tasks, facts.states);
      return this.showBadge(this.tasks);
    }
    const last = this.outputs.at(-1);
    if (kind === "stream" && last?.kind === "stream") last.facts.text += facts.text;
    else this.outputs.push({ kind, facts });
    this.show(kind, facts);
  }

  end(ok) {
    this.become("idle");
    const small = JSON.stringify(this.outputs).length <= KEPT_OUTPUT;
    Object.assign(this.record, { ran: ok, stopped: undefined, outputs: small ? this.outputs : [], tasks: this.tasks });
    this.save();
  }

  /** Ended from outside, and why. */
  stopped(why) {
    this.show("error", { kind: say("Stopped"), message: why, places: [] });
    this.become("idle");
    Object.assign(this.record, { ran: false, stopped: this.text }); // not again on the way to another cell
    this.save();
  }

  showAgain() {
    for (const { kind, facts } of this.record.outputs) this.show(kind, facts);
    this.showBadge(this.record.tasks ?? {});
    if (this.output.firstChild) this.place.classList.add("wb-old");
  }

  showBadge(tasks) {
    const states = Object.values(tasks);
    const state = ["not_yet", "todo", "right"].find((one) => states.includes(one));
    if (!state) return;
    this.badge.textContent = STATES[state];
    this.badge.dataset.state = state;
  }

  forget() {
    this.record = {};
    this.output.replaceChildren();
    this.badge.textContent = "";
    this.place.classList.remove("wb-stale", "wb-old");
    this.setText(this.book);
    this.save();
  }

  // --- output --------------------------------------------------------------------------------

  show(kind, facts) {
    SHOW[kind](this, facts);
  }

  showError({ kind, message, places }) {
    const [first, ...more] = message.split("\n").map((line) => say(line)); // the advice has a translation
    const box = make("div", { class: "wb-error", role: "alert" }, make("p", {}, make("strong", {}, kind), first ? say(": ") + first : ""));
    for (const line of more) box.append(make("p", {}, line));
    const list = make("ul");
    for (const { cell, line, source } of places) {
      const where = this.workbook.cells.get(cell);
      if (!where) continue;
      const link = make("button", { type: "button", class: "wb-place", click: () => where.showLine(line) }, cell === this.id ? say("line {line}", { line }) : say("{name}, line {line}", { name: where.name, line }));
      list.append(make("li", {}, link, say(": "), make("code", {}, source.trim())));
      if (cell === this.id) this.editor?.mark(line);
    }
    if (list.firstChild) box.append(list);
    this.output.append(box);
  }

  async showLine(line) {
    await this.workbook.openEditors();
    const start = this.text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.editor.mark(line);
    this.editor.select(start, start);
    this.editor.focus();
  }
}

/** kind of event -> how a cell shows it */
const SHOW = {
  stream(cell, { text }) {
    const last = cell.output.lastElementChild;
    const pre = last?.matches("pre.wb-stream") ? last : cell.output.appendChild(make("pre", { class: "wb-stream" }));
    pre.append(text);
  },
  display(cell, { mime, data }) {
    const box = make("div", { class: { "image/svg+xml": "drawing", "text/html": "text_html" }[mime] ?? "wb-text" });
    if (mime === "text/plain") box.append(make("pre", {}, data));
    else box.innerHTML = data; // the learner's own program made it; scripts in it do not run
    cell.output.append(box);
    const svg = box.querySelector("svg.compgraph");
    svg?.dispatchEvent(new CustomEvent("compgraph:drawn", { bubbles: true }));
  },
  error(cell, facts) {
    cell.showError(facts);
  },
};
