// The editor of a workbook's cells: what is bundled here is all that the page uses of CodeMirror 6.

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, simplifySelection } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const TAB_LEAVES = 2000; // milliseconds after Escape in which Tab leaves the editor

/** Escape once is enough, also where it takes back a selection. */
function escape(view) {
  simplifySelection(view);
  view.setTabFocusMode(TAB_LEAVES);
  return true;
}

// Colours are properties of the page, so that light and dark need no second theme here.
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], color: "var(--wb-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--wb-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--wb-number)" },
  { tag: tags.comment, color: "var(--wb-comment)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: "var(--wb-name)" },
]);

const look = EditorView.theme({
  "&.cm-focused": { outline: "1px solid var(--pst-color-primary)" },
  ".cm-scroller": { fontFamily: "var(--pst-font-family-monospace)", fontSize: "0.84rem", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--pst-color-text-base)", padding: "1rem 0" },
  ".cm-line": { padding: "0 1rem" },
  ".cm-cursor": { borderLeft: "2px solid var(--pst-color-text-base)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--pst-color-primary) 30%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { background: "color-mix(in srgb, var(--pst-color-primary) 20%, transparent)" },
});

const faulty = StateEffect.define(); // a line number, or null
const faultyLine = StateField.define({
  create: () => Decoration.none,
  update(lines, transaction) {
    lines = transaction.docChanged ? Decoration.none : lines;
    for (const effect of transaction.effects) {
      if (!effect.is(faulty)) continue;
      const there = effect.value !== null && effect.value <= transaction.state.doc.lines;
      lines = there ? Decoration.set(Decoration.line({ class: "wb-faulty" }).range(transaction.state.doc.line(effect.value).from)) : Decoration.none;
    }
    return lines;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** An editor in `parent`. `changed(text)` follows every edit; `keys` are CodeMirror key bindings. */
export function createEditor({ parent, text, label, keys, changed }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([...keys, { key: "Escape", run: escape }]),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("    "),
        bracketMatching(),
        closeBrackets(),
        python(),
        syntaxHighlighting(highlighting),
        look,
        matchMedia("(max-width: 40rem)").matches ? EditorView.lineWrapping : [],
        faultyLine,
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    },
    focus: () => view.focus(),
    /** Put the cursor where the pointer is, or at `start`, and give it the focus. */
    focusAt(point, start = 0) {
      const at = (point && view.posAtCoords(point)) ?? start;
      view.dispatch({ selection: { anchor: at } });
      view.focus();
    },
    select(from, to) {
      view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
    },
    mark: (line) => view.dispatch({ effects: faulty.of(line) }),
  };
}
