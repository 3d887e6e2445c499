// A workbook: an exercise page whose cells are edited, run and checked here, and kept here.
//
// Only this script and its small neighbours are loaded with the page. The editor comes with the
// first click into a cell, Python with the first run.

import { Cell } from "./cell.mjs";
import { make } from "./make.mjs";
import { filled, sourcesIn } from "./notebook.mjs";
import { Python } from "./python.mjs";
import { say } from "./say.mjs";
import { cellOf, cellPart, countRight, Store, TASKS } from "./store.mjs";

const SCRATCH = "your-own";
const NAMES = { [SCRATCH]: say("your own") }; // the other cells are called by their ids
const YOURS = say("Yours to try things out, such as drawing a graph of your own:");
const SCRATCH_TEXT = `# ${YOURS}
from compgraph import draw, leaf, tanh

x, W = leaf("x", (3, 1)), leaf("W", (2, 3))
draw([tanh(W @ x)], prefix="mine-")`;

const STATUS = {
  off: "",
  loading: say("Fetching Python …"),
  ready: say("Python is ready."),
  busy: say("Running …"),
};
const TIP = say("Click or tap into a cell and fill in its blanks. ▶ Run, or Shift+Enter, runs it; the first time fetches Python, about 10 MB. What you write is kept in this browser. Hints and the solution are folded below each task.");
const GAVE_UP = {
  failed: {
    short: say("Python could not be loaded."),
    long: (reason) => say("Python could not be loaded ({reason}). Your work is kept. Check the connection and run the cell again, or export your work and open it in Jupyter.", { reason }),
  },
  crashed: {
    short: say("Python broke down. The next run starts it afresh."),
    long: (reason) => say("Python broke down, most likely for want of memory ({reason}). Your work is kept. Make the cell's arrays smaller and run it again, or export your work and open it in Jupyter.", { reason }),
  },
};

class Workbook {
  constructor(data, bar) {
    this.data = data;
    this.base = new URL(data.base, location.href);
    this.store = new Store(data.exercise);
    this.here = new Set(); // cells that ran in the Python that runs now
    this.cells = new Map();
    for (const { id, source } of data.cells) {
      this.cells.set(id, new Cell(this, id, document.querySelector(`.workbook-cell[data-cell="${id}"]`), source));
    }
    this.python = new Python(data, {
      state: (state) => this.showState(state),
      progress: (arrived, total) => this.showProgress(arrived, total),
      begin: ({ cell }) => this.cells.get(cell).begin(),
      event: ({ cell, kind, facts }) => this.hear(cell, kind, facts),
      end: ({ cell, ok }) => this.ended(cell, ok),
      gaveUp: (kind, reason) => this.gaveUp(kind, reason),
    });
    this.buildBar(bar);
    this.buildOwn();
    this.showTasks();
    this.store.watch((part) => this.fromOtherTab(part));
    for (const event of ["pagehide", "visibilitychange"]) addEventListener(event, () => this.saveAll());
  }

  // --- the page ------------------------------------------------------------------------------

  buildBar(bar) {
    const button = (text, click) => make("button", { type: "button", click }, text);
    this.progress = make("progress", { max: 1, value: 0, hidden: "", "aria-label": say("Python, loaded") });
    this.status = make("span", { class: "wb-status", role: "status" });
    this.stopButton = make("button", { type: "button", hidden: "", click: () => this.stop() }, say("■ Stop"));
    this.undoButton = make("button", { type: "button", hidden: "", click: () => this.undo() }, say("Undo"));
    this.count = make("span", { class: "wb-count" });
    const file = make("input", { type: "file", accept: ".ipynb,application/json", hidden: "", "aria-label": say("Notebook to import"), change: () => this.import(file) });
    const menu = make(
      "details",
      { class: "wb-menu" },
      make("summary", {}, say("Notebook")),
      make(
        "div",
        {},
        button(say("Run all cells"), () => this.runAll()),
        button(say("Restart Python"), () => this.stop()),
        button(say("Export for Jupyter"), () => this.export()),
        button(say("Import a notebook"), () => file.click()),
        button(say("Reset all cells"), () => this.reset([...this.cells.values()])),
      ),
    );
    menu.addEventListener("click", ({ target }) => target.matches("button") && menu.removeAttribute("open"));
    menu.addEventListener("keydown", ({ key }) => key === "Escape" && (menu.removeAttribute("open"), menu.firstChild.focus()));
    bar.replaceChildren(this.count, this.progress, this.status, this.stopButton, this.undoButton, menu, file);
    bar.after(make("p", { class: "wb-tip" }, TIP));
    this.bar = bar;
    this.showState("off");
  }

  /** The learner's own cells, after the book's: one to play in, and what was imported or dropped. */
  buildOwn() {
    const last = [...document.querySelectorAll(".workbook-cell, .workbook-elsewhere")].at(-1);
    this.own = make("section", { class: "workbook-own" }, make("h2", {}, say("Your own cells")));
    (last.closest("article > section") ?? last.parentElement).append(this.own);
    this.addOwn(SCRATCH, SCRATCH_TEXT);
    for (const part of this.store.parts()) this.adopt(cellOf(part));
  }

  /** Show a kept cell that the book does not have, or has no longer. */
  adopt(id) {
    if (!id || this.cells.has(id) || this.data.elsewhere.includes(id)) return;
    if (this.store.read(cellPart(id)).source !== undefined) this.addOwn(id, "");
  }

  addOwn(id, text) {
    const place = make("div", { class: "workbook-cell", "data-cell": id });
    this.own.append(place);
    const cell = new Cell(this, id, place, text);
    this.cells.set(id, cell);
    if (this.createEditor) cell.open(this.createEditor);
  }

  async openEditors() {
    if (!this.createEditor) {
      ({ createEditor: this.createEditor } = await import(new URL("editor.mjs", this.base)));
    }
    for (const cell of this.cells.values()) cell.open(this.createEditor);
  }

  nameOf(id) {
    return NAMES[id] ?? id.replaceAll(/[_-]/g, " ");
  }

  after(cell) {
    const all = [...this.cells.values()];
    return all[all.indexOf(cell) + 1];
  }

  tell(text) {
    this.status.textContent = text;
  }

  showState(state) {
    this.bar.dataset.state = state;
    if (state === "loading") this.here.clear();
    if (state === "ready") this.goOffline();
    this.progress.hidden = state !== "loading";
    this.stopButton.hidden = !(state === "busy" || state === "loading");
    this.tell(STATUS[state]);
  }

  showProgress(arrived, total) {
    this.progress.value = arrived / total;
    if (arrived >= total) this.tell(say("Starting Python …"));
  }

  showTasks() {
    const right = countRight(this.store.read(TASKS), this.data.tasks);
    this.count.textContent = say("{right} of {all} right", { right, all: this.data.tasks.length });
  }

  // --- running -------------------------------------------------------------------------------

  run(cell) {
    if (cell.state !== "idle") return;
    cell.become("waiting");
    this.undoButton.hidden = true;
    this.python.run(() => this.job(cell));
  }

  runAll() {
    for (const cell of this.cells.values()) this.run(cell);
  }

  job(cell) {
    this.tell(say("Running {name} …", cell));
    const above = [...this.cells.values()].slice(0, [...this.cells.keys()].indexOf(cell.id) + 1);
    return {
      target: cell.id,
      cells: above.map(({ id, text }) => [id, text]),
      ran: above.filter(({ id, record }) => record.ran && !this.here.has(id)).map(({ id }) => id),
      never: above.filter(({ text, record }) => record.stopped === text).map(({ id }) => id),
    };
  }

  hear(id, kind, facts) {
    if (kind === "checked" && facts.exercise === this.data.exercise) {
      this.keep(TASKS, { ...this.store.read(TASKS), ...facts.states });
      this.showTasks();
    }
    this.cells.get(id).hear(kind, facts);
  }

  ended(id, ok) {
    this.here.add(id);
    this.cells.get(id).end(ok);
  }

  stop() {
    if (this.python.state === "off") return;
    for (const cell of this.cells.values()) {
      if (cell.state === "running") cell.stopped(say("By you. Your work is kept; Python starts afresh."));
      else cell.become("idle");
    }
    this.python.stop();
  }

  gaveUp(kind, reason) {
    const { short, long } = GAVE_UP[kind];
    for (const cell of this.cells.values()) if (cell.state !== "idle") cell.stopped(long(reason));
    this.tell(short);
  }

  // --- keeping -------------------------------------------------------------------------------

  keep(part, value) {
    if (!this.store.write(part, value)) this.tell(say("This browser does not keep your work. Export it before you leave."));
  }

  saveAll() {
    for (const cell of this.cells.values()) if (cell.text !== (cell.record.source ?? cell.book)) cell.save();
  }

  fromOtherTab(part) {
    if (part === TASKS) return this.showTasks();
    const cell = this.cells.get(cellOf(part));
    if (!cell) return this.adopt(cellOf(part));
    const { source } = this.store.read(part);
    cell.record = this.store.read(part);
    if ((source ?? cell.book) !== cell.text) cell.setText(source ?? cell.book);
  }

  /** Do something that can be taken back. */
  undoable(words, change) {
    this.saveAll();
    const snapshot = this.store.snapshot();
    change();
    this.undo = () => {
      this.store.restore(snapshot);
      location.reload();
    };
    this.undoButton.hidden = false;
    this.tell(words);
  }

  reset(cells) {
    const all = cells.length > 1;
    this.undoable(all ? say("All cells are the book's again.") : say("{name} is the book's again.", cells[0]), () => {
      for (const cell of cells) cell.forget();
      if (all) this.keep(TASKS, {});
      this.showTasks();
    });
  }

  async bookNotebook() {
    const answer = await fetch(new URL(this.data.notebook, location.href));
    if (!answer.ok) throw new Error(say("The book's notebook could not be fetched ({status}).", answer));
    return answer.json();
  }

  async export() {
    try {
      this.saveAll();
      const notebook = await this.bookNotebook();
      const kept = this.store.parts().map(cellOf).filter(Boolean).map((id) => [id, this.store.read(cellPart(id)).source]);
      const sources = new Map(kept.filter(([, source]) => source !== undefined));
      const own = [...sources].filter(([id]) => !notebook.cells.some((cell) => cell.id === id));
      const blob = new Blob([JSON.stringify(filled(notebook, sources, own), null, 1) + "\n"], { type: "application/x-ipynb+json" });
      const link = make("a", { href: URL.createObjectURL(blob), download: `${this.data.exercise}.ipynb` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      this.tell(say("Exported {exercise}.ipynb. Open it in Jupyter, in the book's folder exercises.", this.data));
    } catch (error) {
      this.tell(error.message);
    }
  }

  async import(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const notebook = await this.bookNotebook();
      const book = new Map(notebook.cells.map((cell) => [cell.id, [cell.source].flat().join("")]));
      const found = sourcesIn(await file.text(), this.data.exercise, book.keys());
      this.undoable(say("Imported {name}.", file), () => this.take(found, book));
    } catch (error) {
      this.tell(error.message);
    }
  }

  take(found, book) {
    for (const [id, source] of found) {
      const cell = this.cells.get(id);
      if (cell) {
        cell.setText(source);
        cell.save();
      } else if (book.get(id) !== source) {
        this.keep(cellPart(id), { source, base: book.get(id) });
        this.adopt(id);
      }
    }
  }

  // --- offline -------------------------------------------------------------------------------

  /** Once Python has been fetched, keep it and this page for times without a network. */
  async goOffline() {
    if (this.offline || !navigator.serviceWorker) return;
    this.offline = true;
    try {
      const root = new URL(this.data.root, location.href);
      await navigator.serviceWorker.register(new URL("offline.js", root), { scope: root });
      const { active } = await navigator.serviceWorker.ready;
      const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
      const runtime = ["worker.mjs", ...Object.keys(this.data.sizes)].map((name) => new URL(name, this.base).href);
      const pages = [location.href.split("#")[0], new URL(this.data.notebook, location.href).href];
      active.postMessage({ keep: [...pages, ...loaded, ...runtime], folder: this.base.href });
    } catch {
      this.offline = false; // such as plain HTTP from another machine: the page works, online
    }
  }
}

const data = JSON.parse(document.getElementById("workbook-data").textContent);
new Workbook(data, document.getElementById("workbook"));
