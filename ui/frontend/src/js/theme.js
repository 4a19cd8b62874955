// Light, dark, or as the system says. The choice is a cookie, so that the server paints the first frame right.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-to]");
  if (!button) return;
  const theme = button.dataset.themeTo;
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
  document.querySelectorAll("[data-theme-to]").forEach((other) => {
    other.setAttribute("aria-pressed", String(other.dataset.themeTo === theme));
  });
  document.dispatchEvent(new CustomEvent("theme"));
});
