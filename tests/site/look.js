// What the browser is asked about a page: evaluated by visits.py, returns sentences.
async ({ red }) => {
  const seen = [];
  const say = (sentence, what) => seen.push(`${sentence}: ${what.trim().slice(0, 80)}`);

  // Everything is opened and laid out first: what is folded or far away must fit, too.
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = "* { content-visibility: visible !important; }";
  for (const details of document.querySelectorAll("details")) details.open = true;

  // A script in an attribute is held against the policy when it is first asked for, not before.
  for (const element of document.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) if (name.startsWith("on")) void element[name];
  }

  for (const box of document.querySelectorAll(".katex-error, span.math, div.math")) {
    if (!box.querySelector(".katex-html")) say("an equation is not typeset", box.textContent);
  }
  for (const part of document.querySelectorAll(".katex *")) {
    if (getComputedStyle(part).color === red) say("an equation is red", part.textContent);
  }
  const code = "code, pre, script, style, svg, .katex, .cm-editor";
  const article = document.querySelector("article") ?? document.body;
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const tex = texts.currentNode.data.match(/.{0,20}(\$|\\[A-Za-z([]).{0,20}/);
    if (tex && !texts.currentNode.parentElement.closest(code)) say("TeX stands in the text", tex[0]);
  }

  for (const image of document.images) {
    image.loading = "eager";
    await image.decode().catch(() => {}); // one that cannot be shown is told below
    if (!image.alt.trim()) say("a picture has no words", image.src);
    else if (!image.complete || !image.naturalWidth) say("a picture is not shown", image.src);
  }
  const named = "[aria-hidden=true], [aria-label]:not([aria-label='']), button, summary, a";
  for (const drawing of document.querySelectorAll("svg")) {
    if (!drawing.closest(named)) say("a drawing has no words", drawing.outerHTML);
  }

  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > room) {
    const clipped = (element) =>
      element && (getComputedStyle(element).overflowX !== "visible" || clipped(element.parentElement));
    const guilty = [...document.body.querySelectorAll("*")].find(
      (element) => element.getBoundingClientRect().right > room + 1 && !clipped(element.parentElement),
    );
    say(`the page scrolls sideways at ${window.innerWidth} pixels`, guilty?.outerHTML ?? "");
  }
  return seen;
}
