// A picker keeps two fields: the words one sees and types, and the id that is sent. Arrows walk, Enter takes, Escape leaves.
import { each } from "./each.js";

each("[data-picker]", (picker) => {
  if (picker.dataset.started) return;
  picker.dataset.started = "1";
  const words = picker.querySelector("[data-words]");
  const id = picker.querySelector("[data-id]");
  const list = picker.querySelector("[role=listbox]");
  let shown = words.value;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => list.querySelector("[aria-selected=true]");
  const close = () => {
    list.hidden = true;
    words.setAttribute("aria-expanded", "false");
    words.removeAttribute("aria-activedescendant");
  };
  const mark = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    words.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const take = (option) => {
    id.value = option.dataset.value;
    words.value = shown = option.dataset.label;
    close();
    id.dispatchEvent(new Event("change", { bubbles: true }));
  };

  list.addEventListener("htmx:afterSwap", () => {
    list.hidden = false;
    words.setAttribute("aria-expanded", "true");
    options().forEach((option, index) => (option.id = `${list.id}-${index}`));
    if (options()[0]) mark(options()[0]);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  words.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(active());
    if (event.key === "ArrowDown" && all.length) mark(all[Math.min(all.length - 1, at + 1)]);
    else if (event.key === "ArrowUp" && all.length) mark(all[Math.max(0, at - 1)]);
    else if (event.key === "Enter" && !list.hidden && active()) take(active());
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  words.addEventListener("input", () => {
    if (words.value === "") id.value = "";
  });
  // Words that were typed but not taken are no choice: what was chosen before comes back.
  words.addEventListener("blur", () => {
    close();
    if (words.value !== "" && words.value !== shown) words.value = id.value ? shown : "";
    if (words.value === "") {
      id.value = "";
      shown = "";
    }
  });
});
