// The chart library is fetched only by a page that has a chart.
import { each } from "./each.js";

let library;

each("[data-chart]", (place) => {
  library ??= import(place.closest("[data-charts-url]").dataset.chartsUrl);
  library.then(({ draw }) => draw(place));
});
