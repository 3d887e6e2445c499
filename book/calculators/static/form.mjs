// What both calculators have in common: questions with sliders, notes beside wrong answers,
// answers that wait for their questions, and an address that remembers what was asked.

import { make } from "./make.mjs";
import { say } from "./say.mjs";
import { InputError, calledIn, grouped, percent, readNumber, readWhole } from "./numbers.mjs";

// --- questions ----------------------------------------------------------------------------------

/** A number, typed or moved along its stops. */
function numberField({ name, label, unit, stops, whole }, id) {
  const [least, most] = [stops[0], stops.at(-1)];
  const box = make("input", {
    type: "text", id, inputmode: whole ? "numeric" : "decimal", autocomplete: "off", spellcheck: "false",
  });
  const slider = make("input", {
    type: "range", min: 0, max: stops.length - 1, "aria-label": say("{label}, slider", { label: say(label) }),
  });
  slider.addEventListener("input", () => (box.value = stops[slider.value]));
  const called = calledIn({ name, label });
  const follow = (value) => {
    slider.value = stops.findLastIndex((stop) => stop <= value);
    slider.setAttribute("aria-valuetext", unit ? `${value} ${unit}` : grouped(value));
  };
  return {
    parts: [box, slider],
    read() {
      const value = whole ? readWhole(name, box.value, most, called) : readNumber(name, box.value, least, most, called);
      follow(value);
      return value;
    },
    write: (text) => (box.value = text),
    text: () => box.value.trim(),
  };
}

/** One of several. */
function choiceField({ choices }, id) {
  const select = make("select", { id }, ...choices.map(([, called]) => make("option", {}, say(called))));
  const read = () => choices[select.selectedIndex][0];
  return {
    parts: [select],
    read,
    write(text) {
      const found = choices.findIndex(([value]) => String(value) === text);
      if (found >= 0) select.selectedIndex = found;
    },
    text: () => String(read()),
  };
}

/** Yes or no. */
function switchField(_, id) {
  const box = make("input", { type: "checkbox", id });
  return {
    parts: [box],
    read: () => box.checked,
    write: (text) => (box.checked = text === "true"),
    text: () => String(box.checked),
  };
}

/** A question: its control, its row in the form, and the place for a note beside it. */
function question(field, prefix) {
  const id = `${prefix}-${field.name}`;
  const kind = field.stops ? numberField : field.choices ? choiceField : switchField;
  const control = kind(field, id);
  const label = make("label", { for: id }, say(field.label));
  if (field.unit) label.append(make("span", { class: "unit" }, ` (${field.unit})`));
  const note = make("p", { class: "note", id: `${id}-note` });
  control.parts[0].setAttribute("aria-describedby", note.id);
  const row = make("div", { class: `question ${kind.name}` }, label, ...control.parts, note);
  const tell = (message) => {
    note.textContent = message ?? "";
    if (message) control.parts[0].setAttribute("aria-invalid", "true");
    else control.parts[0].removeAttribute("aria-invalid");
  };
  return { ...field, ...control, row, tell, reset: () => control.write(String(field.default)) };
}

// --- a calculator -------------------------------------------------------------------------------

const PAUSE = 500; // milliseconds without a change, after which the answers are read out

/**
 * A form and its answers. A subclass has `answers`: a list of {title, needs, show}, where `needs`
 * names the groups of questions that the answer depends on and `show(values)` returns
 * {headline, details}: a sentence and a list of elements. It may throw an InputError.
 */
export class Calculator extends HTMLElement {
  connectedCallback() {
    if (this.questions) return; // moved within the page
    const { title, groups, tables } = JSON.parse(this.querySelector("script").textContent);
    this.tables = tables;
    this.kind = this.localName.split("-")[0];
    this.questions = [];
    const form = make("form", { "aria-label": say(title) });
    for (const { legend, fields } of groups) {
      const asked = fields.map((field) => ({ ...question(field, this.kind), group: legend }));
      this.questions.push(...asked);
      form.append(make("fieldset", {}, make("legend", {}, say(legend)), ...asked.map(({ row }) => row)));
    }
    const again = make("button", { type: "button" }, say("Start again"));
    again.addEventListener("click", () => this.ask({}));
    form.append(again);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.changed());

    this.places = this.answers.map((answer) => new Place(answer));
    this.status = make("p", { class: "status", role: "status", "aria-live": "polite" });
    const results = make("div", { class: "results" }, ...this.places.map(({ section }) => section));
    this.prepend(make("div", { class: "live" }, form, results, this.status));
    this.readAddress();
    this.refresh();
  }

  /** Put these values into the form, and the defaults where there are none. */
  ask(values) {
    for (const each of this.questions) {
      each.reset();
      if (each.name in values) each.write(String(values[each.name]));
    }
    this.changed();
  }

  /** What the form holds, as far as it can be read. */
  get values() {
    const values = {};
    this.notes = new Map();
    for (const each of this.questions) {
      each.row.hidden = Boolean(each.when) && values[each.when[0]] !== each.when[1];
      if (each.row.hidden) continue;
      this.attempt(() => (values[each.name] = each.read()));
    }
    return values;
  }

  /** Do it; what is wrong with the input is noted beside its field. Returns whether it went well. */
  attempt(action) {
    try {
      action();
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.notes.set(error.field, error.message);
      return false;
    }
  }

  refresh() {
    const values = this.values;
    for (const place of this.places) {
      const needed = this.questions.filter(({ group, row }) => place.needs.includes(group) && !row.hidden);
      const wrong = needed.find(({ name }) => this.notes.has(name));
      const asked = Object.fromEntries(needed.map(({ name }) => [name, values[name]]));
      if (wrong) place.wait(wrong.label);
      else if (!this.attempt(() => place.answer(asked))) {
        place.wait(this.questions.find(({ name }) => this.notes.has(name)).label);
      }
    }
    for (const each of this.questions) each.tell(this.notes.get(each.name));
  }

  changed() {
    this.refresh();
    this.writeAddress();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      const said = [...this.notes.values(), ...this.places.map(({ headline }) => headline.textContent)];
      this.status.textContent = said.join(" ");
    }, PAUSE);
  }

  // The address holds what differs from the defaults: #memory.d=5&memory.optimizer=sgd
  readAddress() {
    const stored = new URLSearchParams(location.hash.slice(1));
    const mine = [...stored].filter(([key]) => key.startsWith(`${this.kind}.`));
    for (const each of this.questions) each.reset();
    for (const [key, text] of mine) {
      this.questions.find(({ name }) => `${this.kind}.${name}` === key)?.write(text);
    }
    if (mine.length) this.scrollIntoView();
  }

  writeAddress() {
    const stored = new URLSearchParams(location.hash.slice(1));
    const kept = [...stored].filter(([key]) => /^\w+\.\w+$/.test(key) && !key.startsWith(`${this.kind}.`));
    const mine = this.questions
      .filter((each) => each.text() !== String(each.default))
      .map((each) => [`${this.kind}.${each.name}`, each.text()]);
    const hash = new URLSearchParams([...kept, ...mine]).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }
}

/** Where an answer stands on the page. It is made anew only when what it depends on has changed. */
class Place {
  constructor({ title, needs, show }) {
    this.needs = needs;
    this.show = show;
    this.headline = make("p", { class: "headline" });
    this.details = make("div", { class: "details" });
    const label = title ? [make("p", { class: "title" }, title)] : [];
    this.section = make("section", title ? { "aria-label": title } : {}, ...label, this.headline, this.details);
  }

  answer(values) {
    const asked = JSON.stringify(values);
    if (asked === this.asked) return;
    const { headline, details } = this.show(values);
    this.headline.replaceChildren(...headline);
    this.details.replaceChildren(...details);
    this.details.inert = false;
    this.asked = asked;
  }

  /** Until the field is right, the last answer stays, greyed. */
  wait(label) {
    this.headline.replaceChildren(say("Waiting for a usable answer to “{label}”.", { label: say(label) }));
    this.details.inert = true;
    this.asked = undefined;
  }
}

// --- bars ---------------------------------------------------------------------------------------

/**
 * A title, a bar in parts, and a table with its numbers.
 *
 * parts: a list of [key, name, amount]; keys have their colours in calculators.css. Amounts are
 * written by `write`. With a limit, a mark stands there, and the bar is at least so long.
 */
export function stackedBar(caption, parts, write, limit) {
  const total = parts.reduce((sum, [, , amount]) => sum + amount, 0);
  const length = Math.max(total, limit ?? 0);
  const shown = parts.filter(([, , amount]) => amount > 0);
  const words = shown.map(([, name, amount]) => `${name} ${percent(amount / total)}`).join(say(", "));
  const bar = make("div", { class: "bar", role: "img", "aria-label": caption + say(": ") + words });
  for (const [key, , amount] of shown) {
    const part = make("span", { "data-part": key });
    part.style.width = `${(100 * amount) / length}%`;
    bar.append(part);
  }
  if (limit) {
    const mark = make("span", { class: "limit" });
    mark.style.left = `${(100 * limit) / length}%`;
    bar.append(mark);
  }
  const rows = parts.map(([key, name, amount]) =>
    make(
      "tr", {},
      make("th", { scope: "row" }, make("span", { class: "swatch", "data-part": key }), name),
      make("td", {}, write(amount)),
      make("td", {}, percent(amount / total)),
    ),
  );
  const table = make("table", { "aria-label": caption }, make("tbody", {}, ...rows));
  return [make("p", { class: "title" }, caption), bar, table];
}
