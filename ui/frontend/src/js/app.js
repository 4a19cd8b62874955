// What every page loads: htmx, morphing for live regions, and the small modules that make it quick to the hand.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

import "./bars.js";
import "./busy.js";
import "./charts-on-demand.js";
import "./dialogs.js";
import "./keyboard.js";
import "./lines.js";
import "./picker.js";
import "./selection.js";
import "./settings.js";
import "./theme.js";
import "./toast.js";
import "./upload.js";

// A region that refreshes itself keeps focus, scroll and what is being typed.
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap: (style, target, fragment) => {
    if (style !== "morph") return false;
    return Idiomorph.morph(target, fragment.children.length === 1 ? fragment.firstElementChild : fragment.children, {
      morphStyle: "outerHTML",
    });
  },
});
