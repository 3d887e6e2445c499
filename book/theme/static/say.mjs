// What the page says, in the reader's language: from the catalogue that an edition brings along in
// its script (book/ext/editions.py), else as it stands here, in English.

/** The sentence that `text` makes of its fields: say("{n} of {all}", {n: 2, all: 3}). */
export function say(text, fields = {}) {
  const said = typeof Documentation === "undefined" ? text : Documentation.gettext(text);
  return said.replace(/\{(\w+)\}/g, (place, name) => fields[name] ?? place);
}
