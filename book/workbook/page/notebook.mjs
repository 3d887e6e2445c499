// A learner's work as a Jupyter notebook, and back.

import { say } from "./say.mjs";

/** The book's notebook with the learner's code in it, and the learner's own cells at its end. */
export function filled(notebook, sources, own) {
  const copy = structuredClone(notebook);
  for (const cell of copy.cells) {
    if (cell.cell_type !== "code") continue;
    if (sources.has(cell.id)) cell.source = sources.get(cell.id);
    cell.outputs = [];
    cell.execution_count = null;
  }
  for (const [id, source] of own) {
    copy.cells.push({ cell_type: "code", id, metadata: {}, source, outputs: [], execution_count: null });
  }
  return copy;
}

/**
 * The code in a notebook's text: cell id -> code, for the book's cells and for the learner's own.
 * Throws an Error with one sentence when the text is no notebook, or one of another exercise.
 */
export function sourcesIn(text, exercise, book) {
  let cells;
  try {
    cells = JSON.parse(text).cells.filter((cell) => cell.cell_type === "code");
  } catch {
    throw new Error(say("This file is not a Jupyter notebook."));
  }
  const code = (cell) => [cell.source].flat().join("");
  const name = cells.map((cell) => code(cell).match(/\bexercise\(\s*["']([^"']*)["']/)).find(Boolean)?.[1];
  if (name !== exercise) {
    throw new Error(name ? say("This notebook is exercise {name}. Open that page and import it there.", { name }) : say("This notebook is no exercise of this book."));
  }
  const known = new Set(book);
  const found = new Map();
  cells.forEach((cell, number) => {
    const id = String(cell.id ?? `cell-${number + 1}`).replace(/[^\w-]/g, "-");
    if (known.has(id) || code(cell).trim()) found.set(id, code(cell));
  });
  return found;
}
