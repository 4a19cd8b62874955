// Rows with boxes: how many are chosen, what they add up to, and the bar that acts on them.
import { each } from "./each.js";

const money = (text) => text.replace(/(\d)(?=(\d{3})+(\.|$))/g, "$1,");

// Amounts are summed as whole cents; a browser's floating point never touches them.
function total(boxes) {
  const cents = boxes.reduce((sum, box) => sum + BigInt((box.dataset.amount || "0.00").replace(".", "")), 0n);
  const digits = String(cents < 0n ? -cents : cents).padStart(3, "0");
  return (cents < 0n ? "−" : "") + money(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
}

each("[data-selection]", (region) => {
  const bar = region.querySelector("[data-bar]");
  const all = region.querySelector("[data-all]");
  const boxes = () => [...region.querySelectorAll("[data-row]")].filter((box) => box.offsetParent);

  const show = () => {
    const chosen = boxes().filter((box) => box.checked);
    const ids = new Set(chosen.map((box) => box.value));
    region.querySelectorAll("[data-row]").forEach((box) => {
      const on = ids.has(box.value);
      box.checked = on;
      box.closest("tr, .rc")?.classList.toggle("sel", on);
    });
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    if (!bar) return;
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-count]").textContent = chosen.length;
    const sum = bar.querySelector("[data-sum]");
    if (sum) sum.textContent = total(chosen);
    const alone = chosen.filter((box) => "alone" in box.dataset).length;
    const word = bar.querySelector("[data-alone]");
    if (word) {
      word.hidden = alone === 0;
      word.querySelector("[data-alone-count]").textContent = alone;
    }
  };

  region.addEventListener("change", (event) => {
    if (event.target === all) boxes().forEach((box) => (box.checked = all.checked));
    if (event.target === all || event.target.matches("[data-row]")) show();
  });
  region.addEventListener("click", (event) => {
    if (!event.target.closest("[data-none]")) return;
    region.querySelectorAll("[data-row]").forEach((box) => (box.checked = false));
    show();
  });
  show();
});

// Table and cards hold the same boxes; only those that can be seen are sent.
document.addEventListener("submit", (event) => {
  event.target.querySelectorAll("[data-row]").forEach((box) => {
    box.disabled = !box.offsetParent;
  });
});
