// The bytes of one training step or prediction: a product of sizes for each tensor, and a sum.
//
// Which tensors there are and how long each is held comes finished from Python when the book is built
// (book/calculators/tables.py). tests/calculators holds this module against Python's.

import { say } from "./say.mjs";
import { InputError } from "./numbers.mjs";

/** The number of the plan for these choices; what is not asked is one that makes no difference. */
function planOf({ choices, index }, options) {
  const place = ([name, values]) => (name in options ? values.indexOf(options[name]) : 0);
  return index[Object.entries(choices).reduce((at, choice) => at * choice[1].length + place(choice), 0)];
}

/**
 * The exact peak, and the bytes at every step.
 *
 * options: d, h, q, n, mode, loss, dtype, activation, optimizer (null for none), variant, l2, as
 * compgraph's footprint takes them. Returns {total, peak, held, at, steps}: bytes at the peak with and
 * without what is there all along (`held`), the index of the first step that reaches it, and for each
 * step its name, its bytes in all and by role.
 */
export function footprint(tables, options) {
  const plan = planOf(tables, options);
  if (plan === null) throw new InputError(tables.refused.field, say(tables.refused.message));
  const [base, made] = tables.plans[plan].map((rows) => rows.map((row) => tables.rows[row]));
  const bytesOf = (row) =>
    [...row.axes].reduce((count, letter) => count * options[letter], 1) * tables.itemsize[row.dtype ?? options.dtype];
  const byRole = (alive) => {
    const roles = {};
    for (const row of alive) roles[row.role] = (roles[row.role] ?? 0) + bytesOf(row);
    return roles;
  };
  const sum = (roles) => Object.values(roles).reduce((a, b) => a + b, 0);
  const held = sum(byRole(base));
  const steps = made.map(({ name }, now) => {
    const alive = made.filter(({ kept = Infinity }, step) => step <= now && now <= step + kept);
    const roles = byRole([...base, ...alive]);
    return { name, roles, total: sum(roles) };
  });
  const total = Math.max(...steps.map((step) => step.total));
  return { total, peak: total - held, held, at: steps.findIndex((step) => step.total === total), steps };
}
