// Python, off the page's own thread: what a cell does can neither freeze the page nor survive Stop.
//
// In:   {start: {base, packages, language, first, words}}   {run: {cells, target, ran, never}}
// Out:  {progress: {bytes}}  {ready}  {failed: {reason}}
//       {begin: {cell}}  {event: {cell, kind, facts}}  {end: {cell, ok}}  {idle}  {crashed: {reason}}

const STREAM_LIMIT = 20_000; // characters of a cell's printed text that the page shows
const FLUSH_MILLISECONDS = 100;

let base, words, pyodide, session, names, graphviz;
let cell = "";
let text = "";
let printed = 0;
let flushed = 0;

const post = (message) => self.postMessage(message);
const tell = (kind, facts) => post({ event: { cell, kind, facts } });

// --- starting ------------------------------------------------------------------------------------

/**
 * Let every byte that arrives move the progress bar. Only the first time: an answer that was counted
 * is no longer one for which the browser keeps the compiled code.
 */
function countBytes() {
  const plainFetch = self.fetch;
  self.fetch = async (...request) => {
    const answer = await plainFetch(...request);
    if (!answer.ok || !answer.body) return answer;
    const count = new TransformStream({
      transform(chunk, controller) {
        post({ progress: { bytes: chunk.byteLength } });
        controller.enqueue(chunk);
      },
    });
    return new Response(answer.body.pipeThrough(count), { headers: answer.headers, status: answer.status });
  };
}

async function start(options) {
  ({ base, words } = options);
  if (options.first) countBytes();
  const { loadPyodide } = await import(new URL("pyodide.mjs", base));
  pyodide = await loadPyodide({ indexURL: base, packages: options.packages, stdin: () => null, env: { HOME: "/home/learner" } });
  session = pyodide.pyimport("book.workbook.python.session").Session(emit, options.language);
  names = pyodide.pyimport("book.workbook.python.names");
}

// --- running -------------------------------------------------------------------------------------

function emit(kind, json) {
  const facts = JSON.parse(json);
  if (kind !== "stream") {
    flush();
    return tell(kind, facts);
  }
  const room = STREAM_LIMIT - printed;
  text += facts.text.slice(0, Math.max(room, 0));
  if (printed <= STREAM_LIMIT && facts.text.length > room) text += `\n${words.cut}\n`;
  printed += facts.text.length;
  if (performance.now() - flushed > FLUSH_MILLISECONDS) flush();
}

function flush() {
  if (text) tell("stream", { text });
  text = "";
  flushed = performance.now();
}

async function runCell(id, source) {
  cell = id;
  printed = 0;
  post({ begin: { cell } });
  const ok = session.run(id, source);
  flush();
  if (pyodide.pyimport("pygraphviz").wanted) await draw();
  post({ end: { cell, ok } });
  return ok;
}

async function draw() {
  try {
    if (!graphviz) {
      const { instance } = await import(new URL("graphviz.mjs", base));
      graphviz = await instance();
      pyodide.pyimport("pygraphviz").layout = (dot) => graphviz.renderString(dot, { format: "svg", engine: "dot" });
    }
    session.show_waiting();
  } catch (error) {
    tell("error", { kind: words.noDrawing, message: words.noGraphviz.replace("{reason}", error.message), places: [] });
  }
}

async function run({ cells, target, ran, never }) {
  const source = new Map(cells);
  const rest = { known: session.names, ran: pyodide.toPy(ran), never: pyodide.toPy(never) };
  const first = names.before.callKwargs(pyodide.toPy(cells), target, rest).toJs();
  for (const id of [...first, target]) await runCell(id, source.get(id));
}

/** The last line says what it was; above it stands where, in files that no reader knows. */
const reasonOf = (error) => String(error?.message ?? error).trim().split("\n").at(-1);

// Pyodide leaves some of its failures to nobody.
self.onunhandledrejection = ({ reason }) => post({ [session ? "crashed" : "failed"]: { reason: reasonOf(reason) } });

self.onmessage = async ({ data }) => {
  try {
    if (data.start) {
      await start(data.start);
      post({ ready: true });
    } else {
      await run(data.run);
      post({ idle: true });
    }
  } catch (error) {
    post({ [data.start ? "failed" : "crashed"]: { reason: reasonOf(error) } });
  }
};
