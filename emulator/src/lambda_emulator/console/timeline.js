// The history of a durable execution as operations on one scale: steps, waits, callbacks, attempts.

import { make, makeSvg } from "./dom.js";
import { milliseconds } from "./numbers.js";

const STEP = 0.75; // rem of indentation for each parent of an operation
const DEEPEST = 8; // levels of indentation
const LEAST = 0.6; // percent of the width: the narrowest visible bar
const SECOND = 1000;
const UNITS = [["d", 86_400], ["h", 3600], ["min", 60]];

const timeOf = (event) => event.EventTimestamp * SECOND;
const kindOf = (event) => event.EventType.match(/^(Step|Wait|Callback|Context|ChainedInvoke)/)?.[0];
const KIND_NAMES = {
  Step: "step", Wait: "wait", Callback: "callback", Context: "context", ChainedInvoke: "invocation",
};

/** A duration in the largest unit that fits. */
export function duration(value) {
  const seconds = value / SECOND;
  for (const [unit, size] of UNITS) if (seconds >= size) return `${(seconds / size).toFixed(1)} ${unit}`;
  return milliseconds(value);
}

const detailsOf = (event) => Object.entries(event).find(([name]) => name.endsWith("Details"))?.[1] ?? {};

/** The operations of a history, in the order in which they were started. */
export function operations(events) {
  const known = new Map();
  for (const event of events) {
    const kind = kindOf(event);
    if (!kind) continue;
    const outcome = event.EventType.slice(kind.length);
    const details = detailsOf(event);
    let operation = known.get(event.Id);
    if (!operation) {
      const depth = event.ParentId && known.has(event.ParentId) ? known.get(event.ParentId).depth + 1 : 0;
      const name = event.Name ?? KIND_NAMES[kind];
      operation = { id: event.Id, kind, name, depth, pieces: [], result: null, error: null, callback: null };
      known.set(event.Id, operation);
    }
    if (outcome === "Started") {
      operation.pieces.push({ start: timeOf(event), end: null, outcome: null });
      operation.callback = details.CallbackId ?? operation.callback;
    } else {
      const piece = operation.pieces.findLast(({ end }) => end === null);
      if (piece) Object.assign(piece, { end: timeOf(event), outcome });
      operation.result = details.Result?.Payload ?? operation.result;
      operation.error = details.Error?.Payload ?? null;
    }
  }
  return [...known.values()];
}

/** The invocations of the function; each after the first one is a replay. */
export const invocations = (events) =>
  events.filter(({ EventType }) => EventType === "InvocationCompleted").map((event) => {
    const details = event.InvocationCompletedDetails ?? {};
    return { start: details.StartTimestamp * SECOND, end: details.EndTimestamp * SECOND, outcome: "Succeeded" };
  });

export const isOpen = (operation) => operation.pieces.at(-1)?.end === null;

function wordOf(operation) {
  const last = operation.pieces.at(-1);
  if (!last || last.end === null) return operation.kind === "Step" ? ["busy", "running"] : ["busy", "waiting"];
  if (last.outcome === "Succeeded") return ["success", "succeeded"];
  if (last.outcome === "Cancelled") return ["muted", "cancelled"];
  return ["failure", last.outcome === "TimedOut" ? "timed out" : last.outcome.toLowerCase()];
}

function bar(pieces, kind, { first, whole, now }) {
  const svg = makeSvg("svg", { class: "bar", "aria-hidden": "true", preserveAspectRatio: "none", viewBox: "0 0 100 10" });
  for (const { start, end, outcome } of pieces) {
    const width = Math.max((((end ?? now) - start) / whole) * 100, LEAST);
    const look = end === null ? "open" : outcome === "Succeeded" ? kind.toLowerCase() : "failed";
    const x = Math.min(((start - first) / whole) * 100, 100 - width);
    svg.append(makeSvg("rect", { class: look, x: Math.max(x, 0), y: 2, width, height: 6 }));
  }
  return svg;
}

function row(name, what, depth, pieces, kind, time, title, scale) {
  const label = make("span", { className: "span-name" }, name, " ", make("small", { className: "muted" }, what));
  label.style.paddingInlineStart = `${Math.min(depth, DEEPEST) * STEP}rem`;
  return make("li", { title }, label, bar(pieces, kind, scale), make("span", { className: "span-time" }, ...time));
}

const describe = (value) => (typeof value === "object" && value ? (value.ErrorMessage ?? JSON.stringify(value)) : value);

function operationRow(operation, scale) {
  const { kind, name, depth, pieces, result, error } = operation;
  const [look, word] = wordOf(operation);
  const attempts = kind === "Step" && pieces.length > 1 ? `, ${pieces.length} attempts` : "";
  const last = pieces.at(-1);
  const spent = last ? (last.end ?? scale.now) - pieces[0].start : 0;
  const title = error ? `Error: ${describe(error)}` : result === null ? "" : `Result: ${result}`;
  const time = [make("span", { className: look }, `${word}${attempts}`), spent ? ` ${duration(spent)}` : ""];
  return row(name, KIND_NAMES[kind], depth, pieces, kind, time, title, scale);
}

function invocationRow(pieces, isRunning, scale) {
  const replays = Math.max(pieces.length - 1, 0);
  const count = `${pieces.length} ${pieces.length === 1 ? "invocation" : "invocations"}`;
  const again = `${replays} ${replays === 1 ? "replay" : "replays"}`;
  const time = isRunning ? "" : duration(scale.whole);
  return row(count, again, 0, pieces, "invocation", [time], `${count}, ${again}`, scale);
}

/** The rows of a timeline. */
export function rows(events, described, found) {
  const started = described.StartTimestamp * SECOND;
  const ended = described.EndTimestamp ? described.EndTimestamp * SECOND : null;
  const last = Math.max(...events.map(timeOf), started);
  const now = ended ?? Math.max(Date.now(), last);
  const scale = { first: started, whole: now - started || 1, now };
  return [
    invocationRow(invocations(events), ended === null, scale),
    ...found.map((operation) => operationRow(operation, scale)),
  ];
}
