// The durations of a function's invocations, one mark each, cold and warm.

import { makeSvg } from "./dom.js";
import { milliseconds } from "./numbers.js";

const HEIGHT = 132;
const [TOP, BOTTOM] = [10, 122];
const GAP = 10; // between the labels and the lines
const SPACE = 28; // between two marks, at most
const EDGE = 10; // before the first mark and after the last

const total = (report) => report.duration_ms + (report.init_ms ?? 0);
const isCold = (report) => report.init_ms !== null;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function summaryOf(name, reports) {
  const values = reports.map(total);
  return reports.length
    ? `${name} ${reports.length}, median ${milliseconds(median(values))}`
    : `${name} 0`;
}

const label = (power) => (power >= 3 ? `${10 ** (power - 3)} s` : `${10 ** power} ms`);

/** Draw the lines of powers of ten, and their labels. Return the left edge of the marks. */
function drawScale(svg, powers, y, width) {
  const texts = powers.map((power) =>
    makeSvg("text", { x: 0, y: y(power) + 4, "text-anchor": "end" }, label(power)),
  );
  svg.append(...texts);
  const left = Math.ceil(Math.max(...texts.map((text) => text.getBBox().width)));
  for (const text of texts) text.setAttribute("x", left);
  const lines = powers.map((power) =>
    makeSvg("line", { class: "grid", x1: left + GAP, x2: width, y1: y(power), y2: y(power) }),
  );
  svg.prepend(...lines);
  return left + GAP;
}

function mark(report, x, y, isChosen) {
  const cold = isCold(report);
  const title = makeSvg("title", {}, `${cold ? "cold" : "warm"} ${milliseconds(total(report))}`);
  const names = `mark ${cold ? "cold" : "warm"}${isChosen ? " chosen" : ""}`;
  return cold
    ? makeSvg("path", { class: names, d: `M${x} ${y - 5}l5 5-5 5-5-5z` }, title)
    : makeSvg("circle", { class: names, cx: x, cy: y, r: 4 }, title);
}

/** Draw ended invocations, oldest first. Return the same as a sentence. */
export function draw(svg, fn, records, chosen, choose) {
  svg.replaceChildren();
  svg.toggleAttribute("hidden", !records.length);
  if (!records.length) return `No invocation of ${fn} has ended yet.`;

  const reports = records.map(({ report }) => report);
  const width = Math.max(svg.clientWidth, 200);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  const logs = reports.map((report) => Math.log10(Math.max(total(report), 0.1)));
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
  const y = (log) => BOTTOM - ((log - low) / (high - low)) * (BOTTOM - TOP);
  const powers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const left = drawScale(svg, powers, y, width) + EDGE;
  const step = Math.min(SPACE, (width - EDGE - left) / Math.max(reports.length - 1, 1));
  reports.forEach((report, index) => {
    const isChosen = records[index].id === chosen;
    const element = mark(report, left + index * step, y(logs[index]), isChosen);
    element.addEventListener("click", () => choose(records[index]));
    svg.append(element);
  });
  const cold = summaryOf("◇ cold", reports.filter(isCold));
  const warm = summaryOf("● warm", reports.filter((report) => !isCold(report)));
  return `Durations of ${fn}, init included: ${cold}; ${warm}.`;
}
