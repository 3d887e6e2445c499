// <memory-calculator>: the bytes of one step, in all at the peak and step by step.

import { Calculator, make, stackedBar } from "./form.mjs";
import { footprint } from "./memory.mjs";
import { grouped, size } from "./numbers.mjs";

/** A column for each step, as high as what it holds, in parts. */
function columns({ steps, at, total }, roles) {
  const label = `Bytes held at each of ${steps.length} steps; the most at step ${at + 1}, ${steps[at].name}`;
  const chart = make("div", { class: "steps", role: "img", "aria-label": label });
  steps.forEach((step, i) => {
    const title = `${i + 1}. ${step.name}: ${grouped(step.total)} bytes`;
    const column = make("div", { class: i === at ? "step peak" : "step", title });
    for (const role of Object.keys(roles)) {
      const part = make("span", { "data-part": role });
      part.style.height = `${(100 * (step.roles[role] ?? 0)) / total}%`;
      column.append(part);
    }
    chart.append(column);
  });
  const caption = make("figcaption", {}, `Bytes at each of ${steps.length} steps; ${steps[at].name} is step ${at + 1}`);
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
          const parts = Object.entries(this.tables.roles).map(([role, called]) => [role, called, roles[role] ?? 0]);
          return {
            headline: [
              make("strong", {}, `${grouped(found.total)} bytes`),
              ` (${size(found.total)}) at the peak, while ${name} is made.`,
            ],
            details: [...stackedBar("Bytes at the peak", parts, grouped), columns(found, this.tables.roles)],
          };
        },
      },
    ];
  },
);
