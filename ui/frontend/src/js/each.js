// Starts a behaviour on every element that matches, now and in whatever htmx brings in later.
export function each(selector, start) {
  const within = (root) => {
    if (root.matches?.(selector)) start(root);
    root.querySelectorAll(selector).forEach((element) => start(element));
  };
  within(document);
  document.addEventListener("htmx:load", (event) => within(event.target));
}
