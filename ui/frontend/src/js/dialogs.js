// Native dialogs: opened by a button, filled by htmx, closed by Escape, a click beside them or a close button.
import { each } from "./each.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
});

each("dialog", (dialog) => {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  if (dialog.hasAttribute("data-open-now")) dialog.showModal();
});

// A menu made of <details> closes when the eye goes elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
});

// A search field takes the first Escape for itself; in the palette it closes.
document.addEventListener("keydown", (event) => {
  const palette = event.key === "Escape" && event.target.closest("dialog.palette");
  if (!palette) return;
  event.preventDefault();
  palette.close();
});
