// Draws what the server decided: the option comes whole as JSON; colours and number formats are filled in here.
import { BarChart, GaugeChart, HeatmapChart, LineChart, PieChart } from "echarts/charts";
import {
  AriaComponent,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  MarkPointComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { formatters } from "./formatters.js";

use([
  BarChart, GaugeChart, HeatmapChart, LineChart, PieChart,
  AriaComponent, GraphicComponent, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent,
  TitleComponent, TooltipComponent, VisualMapComponent,
  SVGRenderer,
]);

const living = new Set();

// Strings such as "var(--a0)" become the colour of the theme; "fn:wan" becomes a formatter.
function resolve(value, style) {
  if (typeof value === "string") {
    const colour = value.match(/^var\((--[\w-]+)\)$/);
    if (colour) return style.getPropertyValue(colour[1]).trim();
    if (value.startsWith("fn:")) return formatters[value.slice(3)];
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, style)]));
  }
  return value;
}

function paint(place, chart) {
  const style = getComputedStyle(document.documentElement);
  const option = resolve(JSON.parse(place.dataset.chart), style);
  const small = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.setOption(
    {
      animation: !small,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: style.getPropertyValue("--t2").trim() },
      ...option,
      // Tooltips are drawn, not written as markup: the policy allows no inline style, and names are never markup.
      tooltip: { renderMode: "richText", ...option.tooltip },
    },
    true,
  );
}

export function draw(place) {
  if (place.dataset.drawn) return;
  place.dataset.drawn = "1";
  const chart = init(place, null, { renderer: "svg" });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(place);
  living.add({ place, chart, watch });
  paint(place, chart);
  chart.on("click", (event) => {
    if (event.data?.drill) location.assign(event.data.drill);
  });
}

document.addEventListener("theme", () => living.forEach(({ place, chart }) => paint(place, chart)));
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  living.forEach((one) => {
    if (!event.target.contains(one.place)) return;
    one.watch.disconnect();
    one.chart.dispose();
    living.delete(one);
  });
});
