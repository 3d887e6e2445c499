// What the page around the text can do: colours, search, side bars, menus, the place in the
// contents. It takes the place of three scripts of the theme, which measure the whole page while it
// loads; this one looks at what comes into the window.

import { say } from "./say.mjs";

const root = document.documentElement;
const all = (selector) => [...document.querySelectorAll(selector)];
const wide = matchMedia("(min-width: 992px)");

// --- light, dark, or as the system has it ---------------------------------------------------------

const dark = matchMedia("(prefers-color-scheme: dark)");

function colour(mode) {
  root.dataset.mode = mode;
  root.dataset.theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
  localStorage.setItem("mode", mode);
}

dark.addEventListener("change", () => root.dataset.mode === "auto" && colour("auto"));
for (const button of all(".theme-switch-button")) {
  button.addEventListener("click", () => {
    const order = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    colour(order[(order.indexOf(root.dataset.mode) + 1) % order.length]);
  });
}

// paper is white
addEventListener("beforeprint", () => (root.dataset.theme = "light"));
addEventListener("afterprint", () => colour(root.dataset.mode));

// --- other languages: the same place in the same page ----------------------------------------------

for (const link of all("a.language")) {
  link.addEventListener("click", () => {
    link.hash = location.hash;
    link.search = location.search;
  });
}

// --- search ---------------------------------------------------------------------------------------

const dialog = document.getElementById("pst-search-dialog");
const field = document.querySelector("main form.bd-search input"); // on the search page

function search() {
  if (!field) dialog.open ? dialog.close() : dialog.showModal();
  (field ?? dialog.querySelector("input")).select();
}

for (const button of all(".search-button__button")) button.addEventListener("click", search);
addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
  event.preventDefault();
  search();
});
if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
  for (const key of all(".kbd-shortcut__modifier")) if (key.textContent === "Ctrl") key.textContent = "⌘";
}
field?.select();

// Sphinx marks what was searched for, and offers to hide it by a script in a link, which hosts forbid.
for (const link of all(".highlight-link a")) {
  link.textContent = say("Hide Search Matches");
  link.href = "#";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  });
}

// --- side bars: beside the text on a wide window, else in a dialog over it --------------------------

function move(from, to) {
  to.append(...from.childNodes);
  to.className = from.className;
  from.className = "";
}

function drawer(name, button, hide) {
  const bar = document.getElementById(`pst-${name}-sidebar`);
  const over = document.getElementById(`pst-${name}-sidebar-modal`);
  if (!bar || !over) return;
  button?.addEventListener("click", () => {
    if (hide && wide.matches) return bar.classList.toggle(hide);
    move(bar, over);
    over.showModal();
  });
  over.addEventListener("close", () => move(over, bar));
  over.addEventListener("click", (event) => event.target.closest("a[href*='#']") && over.close());
}

drawer("primary", document.querySelector(".primary-toggle"), "pst-sidebar-hidden");
drawer("secondary", document.querySelector(".secondary-toggle"));

// a click beside a dialog closes it
for (const box of all("dialog")) {
  box.addEventListener("click", ({ target, clientX: x, clientY: y }) => {
    const { left, right, top, bottom } = box.getBoundingClientRect();
    if (target === box && (x < left || x > right || y < top || y > bottom)) box.close();
  });
}

// --- menus: a click elsewhere or Escape closes them ------------------------------------------------

const menus = all("details.menu");
addEventListener("click", ({ target }) => {
  for (const menu of menus) if (!menu.contains(target)) menu.open = false;
});
addEventListener("keydown", ({ key }) => {
  const open = menus.find((menu) => menu.open);
  if (key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// --- where the reader is ----------------------------------------------------------------------------

const top = document.querySelector(".sbt-scroll-pixel-helper");
if (top) {
  new IntersectionObserver(([pixel]) => {
    document.body.classList.toggle("scrolled", pixel.boundingClientRect.y < 0);
  }).observe(top);
}

const entries = new Map(); // heading -> its line in the contents
for (const link of all("#pst-page-toc-nav a")) {
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const heading = section?.querySelector(":scope > :is(h2, h3)");
  if (heading) entries.set(heading, link);
}
const headings = [...entries.keys()];

function here(heading) {
  for (const [other, link] of entries) {
    link.classList.toggle("active", other === heading);
    link.parentElement.classList.toggle("active", other === heading);
    if (other === heading) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// A heading that comes into the upper part of the window begins what is read; one that leaves it
// downwards ends it, and what stands before it is read again.
const reading = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting, boundingClientRect, rootBounds } of changes) {
      if (isIntersecting) here(target);
      else if (boundingClientRect.height && boundingClientRect.top >= rootBounds.bottom) {
        const before = headings[headings.indexOf(target) - 1];
        if (entries.get(target).classList.contains("active")) here(before);
      }
    }
  },
  { rootMargin: "0px 0px -60% 0px" },
);
for (const heading of headings) reading.observe(heading);

// --- what scrolls by itself can be reached by keyboard, from when it is first seen ------------------

const scrolls = "pre, .cell_output > .output, .pst-scrollable-table-container, .katex-display, .drawing";
const seen = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    if (!isIntersecting) continue;
    const scrollable = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    if (scrollable) target.tabIndex = 0;
    else if (target.tabIndex === 0 && !target.role) target.removeAttribute("tabindex");
  }
});
for (const box of all(scrolls)) seen.observe(box);

// --- an equation is copied as its LaTeX -----------------------------------------------------------

const texOf = (formula) =>
  formula.querySelector('annotation[encoding="application/x-tex"]')?.textContent.trim() ?? "";

/** What was selected, as text: formulas in dollars, so that it can be pasted into a notebook. */
function copyFormulas(event) {
  const selection = getSelection();
  if (selection.isCollapsed || !event.clipboardData) return;
  const range = selection.getRangeAt(0).cloneRange();
  const formulaAt = (node) => {
    const element = node.closest ? node : node.parentElement;
    return element?.closest(".katex-display") ?? element?.closest(".katex");
  };
  const [first, last] = [formulaAt(range.startContainer), formulaAt(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copied = range.cloneContents();
  const formulas = copied.querySelectorAll(".katex");
  if (!formulas.length) return;
  for (const formula of formulas) {
    const displayed = formula.closest(".katex-display");
    const dollars = displayed ? "$$" : "$";
    (displayed ?? formula).replaceWith(dollars + texOf(formula) + dollars);
  }
  event.clipboardData.setData("text/plain", copied.textContent);
  event.preventDefault();
}

document.addEventListener("copy", copyFormulas);
