// The bytes of one training step or prediction: compgraph/memory.py, reading the same tables.
//
// The tables come from Python when the book is built (book/calculators/forms.py); a row is
// {name, axes, until, role, dtype}. tests/calculators holds this module against Python's.

import { say } from "./say.mjs";
import { InputError } from "./numbers.mjs";

const END = "end";

/** The rows with a new `until` for those in `changes`, without those changed to null. */
const changed = (rows, changes) =>
  rows
    .filter((row) => changes[row.name] !== null)
    .map((row) => (row.name in changes ? { ...row, until: changes[row.name] } : row));

/** Forward and backward propagation, with or without the penalty in the graph. */
function sweep(tables, loss, penalty) {
  const { forward, seed, loss_backward, backward, penalty_forward, penalty_backward, backward_with_penalty } = tables;
  if (!penalty) return [...forward[loss], ...seed, ...loss_backward[loss], ...backward];
  const rows = [
    ...forward[loss], ...penalty_forward, ...seed, ...penalty_backward,
    ...loss_backward[loss], ...backward_with_penalty,
  ];
  return changed(rows, { L: "J" });
}

/** What is there all along, and what the steps make, in order. */
function rowsOf(tables, { mode, loss, activation, optimizer, variant, l2 }) {
  const changes = tables.activations[activation];
  if (mode === "prediction") {
    const dropped = Object.fromEntries(Object.entries(changes).filter(([, until]) => until === null));
    return [[...tables.parameters, ...tables.input], changed(tables.prediction, dropped)];
  }
  const base = [...tables.parameters, ...tables.input, ...tables.labels[loss], ...(tables.states[optimizer] ?? [])];
  const update = tables.update[`${optimizer} ${variant} ${l2 === "weight_decay"}`] ?? [];
  return [base, changed([...sweep(tables, loss, l2 === "graph"), ...update], changes)];
}

/**
 * The exact peak, and the bytes at every step.
 *
 * options: d, h, q, n, mode, loss, dtype, activation, optimizer (null for none), variant, l2, as
 * compgraph.memory.footprint takes them. Returns {total, peak, held, at, steps}: bytes at the peak
 * with and without what is there all along (`held`), the index of the first step that reaches it,
 * and for each step its name, its bytes in all and by role.
 */
export function footprint(tables, options) {
  if (options.mode === "training" && options.l2 === "weight_decay" && options.optimizer === null) {
    throw new InputError("l2", say("weight_decay is the optimizer's: name one, or take l2='graph'"));
  }
  const bytesOf = (row) =>
    [...row.axes].reduce((count, letter) => count * options[letter], 1) * tables.itemsize[row.dtype ?? options.dtype];
  const [base, rows] = rowsOf(tables, options);
  const last = new Map(rows.map((row, i) => [row.name, i])).set(END, rows.length);
  const byRole = (alive) => {
    const roles = {};
    for (const row of alive) roles[row.role] = (roles[row.role] ?? 0) + bytesOf(row);
    return roles;
  };
  const sum = (roles) => Object.values(roles).reduce((a, b) => a + b, 0);
  const held = sum(byRole(base));
  const steps = rows.map(({ name }, i) => {
    const roles = byRole([...base, ...rows.slice(0, i + 1).filter((row) => last.get(row.until) >= i)]);
    return { name, roles, total: sum(roles) };
  });
  const total = Math.max(...steps.map((step) => step.total));
  return { total, peak: total - held, held, at: steps.findIndex((step) => step.total === total), steps };
}
