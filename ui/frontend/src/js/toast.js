// A toast goes by itself, unless the pointer or the focus rests on it.
import { each } from "./each.js";

each(".toast", (toast) => {
  const leave = () => {
    if (!toast.matches(":hover, :focus-within")) toast.remove();
    else setTimeout(leave, 2000);
  };
  setTimeout(leave, 6000);
});
