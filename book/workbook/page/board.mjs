// The board of all exercises: how many tasks are right in this browser.

import { make } from "./make.mjs";
import { say } from "./say.mjs";
import { countRight, Store, TASKS } from "./store.mjs";

function fill(row) {
  const tasks = row.dataset.tasks.split(" ");
  const store = new Store(row.dataset.exercise);
  const right = countRight(store.read(TASKS), tasks);
  const begun = store.parts().length > 0;
  const words = right ? say("{right} of {all} right", { right, all: tasks.length }) : begun ? say("begun") : say("not begun");
  row.querySelector(".workbook-progress").replaceChildren(
    make("progress", { max: tasks.length, value: right, "aria-hidden": "true" }),
    make("span", {}, right === tasks.length ? say("✓ all right") : words),
  );
}

const rows = document.querySelectorAll(".workbook-board [data-exercise]");
rows.forEach(fill);
// Coming back by the browser's Back button, or from another tab, shows what has changed.
addEventListener("pageshow", () => rows.forEach(fill));
addEventListener("storage", () => rows.forEach(fill));
