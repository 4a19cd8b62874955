// A toast goes by itself, unless the pointer or the focus rests on it.
import { each } from "./each.js";

each(".toast", (toast) => {
  const leave = () => {
    if (!toast.matches(":hover, :focus-within")) toast.remove();
    else setTimeout(leave, 2000);
  };
  setTimeout(leave, 6000);
});

// A piece of the page that could not be fetched says so; what was there stays.
document.addEventListener("htmx:responseError", trouble);
document.addEventListener("htmx:sendError", trouble);

function trouble() {
  const words = document.body.dataset.trouble;
  if (!words || document.querySelector(".toast")) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "alert");
  toast.textContent = words;
  document.body.append(toast);
  setTimeout(() => toast.remove(), 6000);
}
