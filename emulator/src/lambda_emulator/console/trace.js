// The trace of an invocation as a waterfall: a bar for each span, below its parent.

import { byId, make, makeSvg, say } from "./dom.js";
import { milliseconds } from "./numbers.js";

const STEP = 0.75; // rem of indentation for each parent of a span
const DEEPEST = 8; // levels of indentation
const LEAST = 0.4; // percent of the width: the narrowest visible bar

const endOf = (span) => span.start_ms + span.duration_ms;

function tellOf(span) {
  const attributes = Object.entries(span.attributes).map(([name, value]) => `${name}: ${value}`);
  const begin = `${span.kind || "span"}, from ${milliseconds(span.start_ms)}`;
  return [begin, ...attributes].join("\n");
}

function bar(span, first, whole) {
  const at = (time) => ((time - first) / whole) * 100;
  const svg = makeSvg("svg", { class: "bar", "aria-hidden": "true", preserveAspectRatio: "none", viewBox: "0 0 100 10" });
  svg.append(
    makeSvg("rect", {
      class: span.failed ? "failed" : span.kind,
      x: Math.min(at(span.start_ms), 100 - LEAST),
      y: 2,
      width: Math.max(at(first + span.duration_ms), LEAST),
      height: 6,
    }),
  );
  return svg;
}

function row(span, first, whole) {
  const name = make("span", { className: "span-name" }, span.name);
  name.style.paddingInlineStart = `${Math.min(span.depth, DEEPEST) * STEP}rem`;
  const failed = span.failed ? [make("strong", { className: "bad" }, "failed")] : [];
  const time = make("span", { className: "span-time" }, ...failed, milliseconds(span.duration_ms));
  return make("li", { title: tellOf(span) }, name, bar(span, first, whole), time);
}

/** Show the spans of an invocation, if there are any. */
export function showTrace({ id, spans }) {
  byId("trace").hidden = !spans.length;
  const list = byId("spans");
  const key = `${id} ${spans.length} ${spans.length ? endOf(spans[0]) : ""}`;
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const first = Math.min(...spans.map((span) => span.start_ms));
  const whole = Math.max(...spans.map(endOf)) - first || 1;
  say("trace-facts", `${spans.length} ${spans.length === 1 ? "span" : "spans"}`, "muted");
  list.replaceChildren(...spans.map((span) => row(span, first, whole)));
}
