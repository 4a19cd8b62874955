// A chosen file shows its name and size before it is sent.
document.addEventListener("change", (event) => {
  if (!event.target.matches("input[type=file]")) return;
  const shown = event.target.closest(".fld, .drop")?.querySelector("[data-chosen]");
  if (!shown) return;
  shown.textContent = [...event.target.files].map((file) => `${file.name} · ${Math.max(1, Math.round(file.size / 1024))} KB`).join("，");
});
