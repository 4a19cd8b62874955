// j and k walk the rows, Enter opens, x selects, / goes to the filter, c starts something new, Ctrl+K searches everywhere.
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("tbody tr[data-href]")].filter((row) => row.offsetParent);

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("cur"));
  const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
  all[now]?.classList.remove("cur");
  next.classList.add("cur");
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const actions = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => document.querySelector("tr.cur [data-row]")?.click(),
  c: () => document.querySelector("[data-key='c']")?.click(),
  "/": () => document.querySelector("[data-key='/']")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    document.querySelector("[data-key='search']")?.click();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    document.querySelector("[data-key='submit']")?.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// A click anywhere on a row that has a target opens it; links, boxes and selected text keep their own meaning.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, summary") || String(window.getSelection())) return;
  row.querySelector("a")?.click();
});
