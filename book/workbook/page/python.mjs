// Python in a worker: started when it is first needed, ended by Stop, started again.

import { say } from "./say.mjs";

const SILENCE = 45_000; // milliseconds of loading in which nothing arrives
const TRIES = 2;

// files that come through fetch while Python starts; scripts are loaded by the browser, uncounted
const COUNTED = /\.(wasm|zip|json|whl)$/;

/** what the worker says by itself; a worker has no catalogue */
const WORDS = {
  cut: say("… and more, which is not shown."),
  noDrawing: say("No drawing"),
  noGraphviz: say("Graphviz could not be fetched ({reason}). Are you online? Run the cell again."),
};

export class Python {
  /** `heard` has a function for each thing to hear of: state, progress, begin, event, end, idle. */
  constructor({ base, sizes, packages, language }, heard) {
    this.base = new URL(base, location.href).href;
    this.packages = packages;
    this.language = language;
    this.heard = heard;
    this.total = Object.entries(sizes).reduce((sum, [name, size]) => sum + (COUNTED.test(name) ? size : 0), 0);
    this.queue = [];
    this.state = "off";
  }

  become(state, reason = "") {
    this.state = state;
    this.heard.state(state, reason);
  }

  /** Run what `job()` returns when its turn comes. */
  run(job) {
    this.queue.push(job);
    if (this.state === "off") this.start();
    else if (this.state === "ready") this.next();
  }

  start(tries = TRIES) {
    let arrived = 0;
    let clock;
    this.become("loading");
    const failed = (reason) => this.giveUp("failed", reason);
    const waiting = () => {
      clearTimeout(clock);
      clock = setTimeout(() => this.stalled(worker, tries), SILENCE);
    };
    const worker = new Worker(new URL("worker.mjs", this.base), { type: "module" });
    this.worker = worker;
    worker.onerror = (event) => failed(event.message || say("its script did not load"));
    worker.onmessage = ({ data }) => {
      const [[kind, facts]] = Object.entries(data);
      clearTimeout(clock);
      if (kind === "progress") {
        waiting();
        this.heard.progress((arrived += facts.bytes), this.total);
      } else if (kind === "ready") this.next();
      else if (kind === "idle") this.next();
      else if (kind === "failed" || kind === "crashed") this.giveUp(kind, facts.reason);
      else this.heard[kind](facts);
    };
    const first = !navigator.serviceWorker?.controller; // afterwards it is all here already
    waiting();
    const { base, packages, language } = this;
    worker.postMessage({ start: { base, packages, language, first, words: WORDS } });
  }

  /** A connection may go quiet without an error. Try once more before giving up. */
  stalled(worker, tries) {
    if (worker !== this.worker || this.state !== "loading") return;
    if (tries === 1) return this.giveUp("failed", say("nothing arrives any more"));
    worker.terminate();
    this.start(tries - 1);
  }

  next() {
    const job = this.queue.shift();
    if (!job) return this.become("ready");
    if (this.state !== "busy") this.become("busy");
    this.worker.postMessage({ run: job() });
  }

  giveUp(kind, reason) {
    this.end();
    this.become("off");
    this.heard.gaveUp(kind, reason);
  }

  /** End whatever runs, and have Python ready again for the next cell. */
  stop() {
    this.end();
    this.start();
  }

  end() {
    this.worker?.terminate();
    this.worker = undefined;
    this.queue = [];
  }
}
