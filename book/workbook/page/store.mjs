// What a learner has done, kept by this browser: one entry a cell, so that two tabs do not overwrite
// each other's cells, and an edition of the book that drops a cell does not drop the work in it.

const PREFIX = "one-graph/workbook/";

export class Store {
  constructor(exercise) {
    this.prefix = `${PREFIX}${exercise}/`;
  }

  read(part) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + part)) ?? {};
    } catch {
      return {}; // storage is switched off, or somebody else's text stands there
    }
  }

  /** Whether it could be kept: a private window or a full disk may refuse. */
  write(part, value) {
    try {
      if (Object.keys(value).length) localStorage.setItem(this.prefix + part, JSON.stringify(value));
      else localStorage.removeItem(this.prefix + part);
      return true;
    } catch {
      return false;
    }
  }

  parts() {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.prefix))
        .map((key) => key.slice(this.prefix.length));
    } catch {
      return [];
    }
  }

  snapshot() {
    return Object.fromEntries(this.parts().map((part) => [part, this.read(part)]));
  }

  restore(snapshot) {
    for (const part of this.parts()) if (!(part in snapshot)) this.write(part, {});
    for (const [part, value] of Object.entries(snapshot)) this.write(part, value);
  }

  /** Call `changed(part)` when another tab changes a part. */
  watch(changed) {
    addEventListener("storage", ({ key }) => key?.startsWith(this.prefix) && changed(key.slice(this.prefix.length)));
  }
}

export const TASKS = "tasks";
export const cellPart = (id) => `cell/${id}`;
export const cellOf = (part) => (part.startsWith("cell/") ? part.slice("cell/".length) : null);

export const countRight = (states, tasks) => tasks.filter((task) => states[task] === "right").length;
