// A sub-table: rows are added from a template, removed, and numbered anew before they are sent.
import htmx from "htmx.org";

import { each } from "./each.js";

function renumber(table) {
  const name = table.dataset.lines;
  [...table.querySelectorAll("[data-line]")].forEach((line, index) => {
    line.querySelectorAll("[name]").forEach((field) => {
      field.name = field.name.replace(/^([^.]+)\.\d+\./, `${name}.${index}.`);
    });
    line.querySelectorAll("[data-nth]").forEach((place) => (place.textContent = index + 1));
  });
}

each("[data-lines]", (table) => {
  table.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-line]")) {
      const body = table.querySelector("[data-line-body]");
      const copy = table.querySelector("template").content.cloneNode(true);
      const line = copy.firstElementChild;
      const unique = `n${Date.now()}`;
      line.querySelectorAll("[id]").forEach((field) => (field.id += unique));
      line.querySelectorAll("[for]").forEach((label) => label.setAttribute("for", label.getAttribute("for") + unique));
      line.querySelectorAll("[list]").forEach((field) => field.setAttribute("list", field.getAttribute("list") + unique));
      body.append(line);
      renumber(table);
      htmx.process(line);
      document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: line } }));
      line.querySelector("input, select, textarea")?.focus();
    }
    const remove = event.target.closest("[data-remove-line]");
    if (remove) {
      remove.closest("[data-line]").remove();
      renumber(table);
      table.querySelector("[data-add-line]")?.focus();
    }
  });
});
