// <memory-calculator>: the bytes of one step, in all at the peak and step by step.

import { make } from "./make.mjs";
import { say } from "./say.mjs";
import { Calculator, stackedBar } from "./form.mjs";
import { footprint } from "./memory.mjs";
import { grouped, size } from "./numbers.mjs";

/** A column for each step, as high as what it holds, in parts. */
function columns({ steps, at, total }, roles) {
  const where = { steps: steps.length, at: at + 1, name: steps[at].name };
  const label = say("Bytes held at each of {steps} steps; the most at step {at}, {name}", where);
  const chart = make("div", { class: "steps", role: "img", "aria-label": label });
  steps.forEach((step, i) => {
    const title = say("{number}. {name}: {total} bytes", { number: i + 1, name: step.name, total: grouped(step.total) });
    const column = make("div", { class: i === at ? "step peak" : "step", title });
    for (const role of Object.keys(roles)) {
      const part = make("span", { "data-part": role });
      part.style.height = `${(100 * (step.roles[role] ?? 0)) / total}%`;
      column.append(part);
    }
    chart.append(column);
  });
  const caption = make("figcaption", {}, say("Bytes at each of {steps} steps; {name} is step {at}", where));
  return make("figure", {}, caption, chart);
}

customElements.define(
  "memory-calculator",
  class extends Calculator {
    answers = [
      {
        needs: ["Sizes", "What runs", "Details"],
        show: (values) => {
          const found = footprint(this.tables, values);
          const { name, roles } = found.steps[found.at];
          const parts = Object.entries(this.tables.roles).map(([role, called]) => [role, say(called), roles[role] ?? 0]);
          return {
            headline: [
              make("strong", {}, say("{total} bytes", { total: grouped(found.total) })),
              say(" ({size}) at the peak, while {name} is made.", { size: size(found.total), name }),
            ],
            details: [...stackedBar(say("Bytes at the peak"), parts, grouped), columns(found, this.tables.roles)],
          };
        },
      },
    ];
  },
);
