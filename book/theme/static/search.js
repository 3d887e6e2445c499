// How the search reads a page and a query; it comes between Sphinx's search and its first use.

/** A page's text without what surrounds it, and each formula once. */
Search.htmlToText = (html, anchor) => {
  const article = new DOMParser().parseFromString(html, "text/html").querySelector("article.bd-article");
  if (!article) return "";
  for (const part of article.querySelectorAll(".headerlink, .katex-mathml, svg, script, noscript, style")) part.remove();
  const place = anchor ? article.querySelector(anchor) : null;
  return (place ?? article).textContent.replace(/\s+/g, " ");
};

/** The words of a query. Chinese has no spaces: the book's own terms come whole, the rest in words. */
if (Documentation.TERMS) {
  const terms = Documentation.TERMS.toSorted((a, b) => b.length - a.length);
  const known = new RegExp(`(${terms.join("|")})`, "u");
  const segmenter = new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
  const chinese = /\p{Script=Han}/u;

  const wordsOf = (text) =>
    [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);

  splitQuery = (query) =>
    query
      .split(known)
      .flatMap((part) => (known.test(part) ? [part] : wordsOf(part)))
      .filter((word) => word && !(chinese.test(word) && word.length === 1)); // the index has none of these
}
