// A knob that differs from what is stored is tinted until it is saved; the slider and the number move together.
import { each } from "./each.js";

each("[data-settings]", (form) => {
  const rows = [...form.querySelectorAll("[data-knob]")];
  const bar = form.querySelector("[data-unsaved]");
  const value = (row) =>
    [...row.querySelectorAll("[name]")]
      .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
      .map((field) => field.value)
      .join("\n");
  const stored = new Map(rows.map((row) => [row, value(row)]));

  const show = () => {
    let changed = 0;
    rows.forEach((row) => {
      const differs = value(row) !== stored.get(row);
      changed += differs;
      row.classList.toggle("ch", differs || "failed" in row.dataset);
    });
    bar.querySelector("[data-count]").textContent = changed;
    bar.hidden = changed === 0;
  };

  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-knob]");
    if (row && event.target.matches("[data-slider]")) {
      row.querySelector("[data-number]").value = Math.round(event.target.value * 100) / 100;
    }
    if (row && event.target.matches("[data-number]")) {
      const slider = row.querySelector("[data-slider]");
      if (slider) slider.value = event.target.value.replaceAll(",", "");
    }
    show();
  });
  form.addEventListener("reset", () => setTimeout(show));
  show();
});
