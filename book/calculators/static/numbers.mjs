// Numbers as a reader types them, and as compgraph writes them. No page is needed here.

import { say } from "./say.mjs";

/** Input that cannot be used: the field's name, and what was expected instead. */
export class InputError extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

const LONGEST = 24; // characters of wrong input that a message repeats

/** What was typed, as Python would show it: numbers bare, everything else in quotes. */
function shown(text) {
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return text;
  return `'${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}'`;
}

/** What was typed, in plain digits: those of a Chinese keyboard are wide, and 1,000 is grouped. */
function plain(text) {
  const typed = text.normalize("NFKC").trim();
  return /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(typed) ? typed.replaceAll(",", "") : typed;
}

/** What messages call a field: a size by its letter, as Python does, another by its label. */
export const calledIn = ({ name, label }) => (label.startsWith(`${name}, `) ? say("size {name}", { name }) : say(label));

/** A positive integer up to `most`, from the text of the field `name`, which messages call `called`. */
export function readWhole(name, text, most, called = `size ${name}`) {
  const typed = plain(text);
  if (!/^\d+$/.test(typed) || /^0+$/.test(typed)) {
    throw new InputError(name, say("{called}: expected a positive integer, got {typed}", { called, typed: shown(typed) }));
  }
  if (Number(typed) > most) {
    const fields = { called, most: grouped(most), typed: shown(typed) };
    throw new InputError(name, say("{called}: expected at most {most}, got {typed}", fields));
  }
  return Number(typed);
}

/** A number from `least` to `most`, from the text of the field `name`, which messages call `called`. */
export function readNumber(name, text, least, most, called = name) {
  const typed = plain(text);
  const number = /^(\d+\.?\d*|\.\d+)$/.test(typed) ? Number(typed) : NaN;
  if (!(number >= least && number <= most)) {
    const fields = { called, least, most: grouped(most), typed: shown(typed) };
    throw new InputError(name, say("{called}: expected a number from {least} to {most}, got {typed}", fields));
  }
  return number;
}

/** 140808 as "140,808". */
export const grouped = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** Three significant digits: Python's format(x, ".3g"), which rounds halves to even. */
export function threeDigits(x) {
  if (x === 0) return "0";
  const [mantissa, power] = x.toExponential(100).split("e"); // more digits than a tie can have
  const digits = mantissa.replace(".", "");
  const half = `5${"0".repeat(digits.length - 4)}`;
  let exponent = Number(power);
  let head = Number(digits.slice(0, 3));
  const tail = digits.slice(3);
  if (tail > half || (tail === half && head % 2)) head += 1;
  if (head === 1000) [head, exponent] = [100, exponent + 1];
  const plain = (number, places) => String(Number(number.toFixed(places)));
  if (exponent >= -4 && exponent < 3) return plain(Number(`${head}e${exponent - 2}`), 2 - exponent);
  return `${plain(head / 100, 2)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const SIZES = [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3], ["B", 1]];
const TIMES = [["s", 1], ["ms", 1e-3]];

/** Bytes in words: "34.4 GB". */
export function size(count) {
  const [unit, one] = SIZES.find(([, least]) => count >= least) ?? SIZES.at(-1);
  return `${threeDigits(count / one)} ${unit}`;
}

/** Seconds in words: "8.1 ms". */
export function time(seconds) {
  const [unit, one] = TIMES.find(([, least]) => seconds >= least) ?? [];
  return unit ? `${threeDigits(seconds / one)} ${unit}` : `${threeDigits(seconds * 1e6)} µs`;
}

/** A share in words: "46.7 %". */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;
