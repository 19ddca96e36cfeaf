// Durations of a function's invocations, one mark each: cold starts against warm ones.

import { makeSvg } from "./dom.js";
import { milliseconds } from "./numbers.js";

const SHOWN = 80;
const ROOM = 24; // marks that the width is for at least: few are not torn apart
const [LEFT, TOP, HEIGHT] = [56, 8, 112];

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

/** Draw reports, oldest first, on a scale of powers of ten; return a sentence that says the same. */
export function draw(svg, fn, all) {
  const reports = all.slice(-SHOWN);
  svg.replaceChildren();
  svg.toggleAttribute("hidden", !reports.length);
  if (!reports.length) return `No invocation of ${fn} has ended yet.`;

  const width = Math.max(svg.clientWidth, 320);
  svg.setAttribute("viewBox", `0 0 ${width} 130`);
  const logs = reports.map((report) => Math.log10(Math.max(total(report), 0.1)));
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
  const y = (log) => TOP + HEIGHT - ((log - low) / (high - low)) * HEIGHT;
  const x = (index) => LEFT + 12 + (index / (Math.max(reports.length, ROOM) - 1)) * (width - LEFT - 24);

  for (let power = low; power <= high; power += 1) {
    svg.append(
      makeSvg("line", { class: "grid", x1: LEFT, x2: width, y1: y(power), y2: y(power) }),
      makeSvg("text", { x: LEFT - 6, y: y(power) + 4, "text-anchor": "end" }, `${10 ** power} ms`),
    );
  }
  reports.forEach((report, index) => {
    const [cx, cy] = [x(index), y(logs[index])];
    const cold = isCold(report);
    const title = makeSvg("title", {}, `${cold ? "cold" : "warm"} ${milliseconds(total(report))}`);
    svg.append(
      cold
        ? makeSvg("path", { class: "cold", d: `M${cx} ${cy - 5}l5 5-5 5-5-5z` }, title)
        : makeSvg("circle", { class: "warm", cx, cy, r: 4 }, title),
    );
  });
  const cold = summaryOf("◇ cold", reports.filter(isCold));
  const warm = summaryOf("● warm", reports.filter((report) => !isCold(report)));
  return `Durations of ${fn}, init included: ${cold}; ${warm}.`;
}
