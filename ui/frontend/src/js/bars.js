// Places that come from data are set here: the policy allows no style attribute.
import { each } from "./each.js";

each("[data-left]", (mark) => {
  mark.style.left = `${mark.dataset.left}%`;
});
