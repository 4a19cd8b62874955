// Widths that come from data are set here: the policy allows no style attribute.
import { each } from "./each.js";

each("[data-width]", (bar) => {
  bar.style.width = `${bar.dataset.width}%`;
});
each("[data-left]", (mark) => {
  mark.style.left = `${mark.dataset.left}%`;
});
each("[data-share]", (part) => {
  part.style.flexGrow = part.dataset.share;
});
each("[data-area]", (cell) => {
  cell.style.gridColumn = `span ${cell.dataset.area}`;
});
