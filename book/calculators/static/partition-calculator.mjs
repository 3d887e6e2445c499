// <partition-calculator>: the planner's advice, and any other plan weighed beside it.

import { make } from "./make.mjs";
import { say } from "./say.mjs";
import { Calculator, stackedBar } from "./form.mjs";
import { InputError, percent, size, time } from "./numbers.mjs";
import { CHAINS, plan, recommend } from "./planner.mjs";

const GRID = ["data", "tensor", "stages", "micros", "sharded", "checkpoint"];

/** The devices in the planner's units: bytes, FLOP/s, bytes/s, seconds. */
const clusterOf = ({ devices, memory, link, speed, latency }) => ({
  devices, memory: memory * 1e9, link: link * 1e9, speed: speed * 1e12, latency: latency / 1e6,
});

function fact(term, text) {
  return make("div", {}, make("dt", {}, term), make("dd", {}, text));
}

customElements.define(
  "partition-calculator",
  class extends Calculator {
    answers = [
      {
        title: say("Recommended"),
        needs: ["Model", "Devices"],
        show: (values) => {
          const advice = recommend(CHAINS[values.model](values), values.batch, clusterOf(values));
          const [first, ...others] = advice.reasons;
          const list = make("ul", {}, ...others.map((each) => make("li", {}, each.text, " ", this.trial(each.plan))));
          return { headline: [make("strong", {}, first.text), " ", this.trial(first.plan)], details: [list] };
        },
      },
      {
        title: say("Your plan"),
        needs: ["Model", "Devices", "Your plan"],
        show: (values) => {
          const cluster = clusterOf(values);
          const found = plan(CHAINS[values.model](values), values.batch, cluster, values);
          if (found.devices > cluster.devices) {
            throw new InputError("data", say("{how}: there are {devices}", { how: found.how, devices: cluster.devices }));
          }
          const verdict = found.memory > cluster.memory ? say("{how}: does not fit.", found) : say("{how}: fits.", found);
          const memory = [["states", say("states"), found.states], ["activations", say("activations"), found.activations]];
          const seconds = [
            ["compute", say("compute")], ["bubble", say("bubble")], ["wire", say("wire")], ["latency", say("latency")],
          ].map(([key, name]) => [key, name, found[key]]);
          return {
            headline: [
              make("strong", {}, verdict),
              say(" {used} of {there} a device, {time} a minibatch.", {
                used: size(found.memory), there: size(cluster.memory), time: time(found.seconds),
              }),
            ],
            details: [
              make(
                "dl", {},
                fact(say("Sent by a device"), size(found.sent)),
                fact(say("Sent by all"), size(found.sent * found.devices)),
                fact(say("Bubble"), percent(found.idle)),
              ),
              ...stackedBar(say("Memory of a device; the mark is what it has"), memory, size, cluster.memory),
              ...stackedBar(say("Time of a minibatch"), seconds, time),
            ],
          };
        },
      },
    ];

    /** A button that puts a plan into the form. */
    trial(chosen) {
      const button = make("button", { type: "button", "aria-label": say("try it: {how}", chosen) }, say("try it"));
      button.addEventListener("click", () => {
        for (const each of this.questions) if (GRID.includes(each.name)) each.write(String(chosen[each.name]));
        this.changed();
      });
      return button;
    }
  },
);
