// A form that is on its way says so, and takes no second click; coming back to the page wakes it again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || event.target.action.endsWith("/export")) return;
  event.target.classList.add("busy");
  event.target.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form.busy").forEach((form) => {
    form.classList.remove("busy");
    form.removeAttribute("aria-busy");
  });
});
