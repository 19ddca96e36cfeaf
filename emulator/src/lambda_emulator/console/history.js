// The table of invocations, newest first, each with its outcome and a button to run it again.

import { byId, make } from "./dom.js";
import { clock, milliseconds } from "./numbers.js";
import { outcomeOf } from "./outcome.js";

const KINDS = { RequestResponse: "sync", Event: "async", Stream: "stream", URL: "URL" };

export const kindName = (kind) => KINDS[kind] ?? kind;

function row(record, current, isAway, actions) {
  const { report, kind, fn, started } = record;
  const [look, word] = outcomeOf(record);
  const when = clock(started);
  const open = make("button", { type: "button", className: "link" }, when);
  open.onclick = () => actions.choose(record);
  const label = `Run again: ${fn}, ${when}`;
  const again = make("button", { type: "button", className: "quiet", "aria-label": label }, "Run again");
  again.disabled = isAway;
  again.onclick = () => actions.runAgain(record);
  const number = (text) => make("td", { className: "number" }, text);
  return make(
    "tr",
    { "aria-current": String(current) },
    make("td", {}, open),
    make("td", {}, fn),
    make("td", {}, kindName(kind)),
    make("td", { className: look }, word),
    number(report ? milliseconds(report.duration_ms) : ""),
    number(report && report.init_ms !== null ? milliseconds(report.init_ms) : ""),
    number(report ? `${report.peak_memory_mb} MB` : ""),
    make("td", { className: "number" }, again),
  );
}

// The error arrives before the numbers of the report, which replaces the row.
const stateOf = (record, chosen, isAway) =>
  [record.id, record.id === chosen, isAway, record.kind, Boolean(record.report), ...outcomeOf(record)].join();

/** Show records. Unchanged rows stay, and keep the focus. While away, nothing can run again. */
export function showHistory(records, chosen, isAway, actions) {
  byId("past-table").hidden = !records.length;
  byId("clear").hidden = !records.length;
  const body = byId("history");
  const before = new Map([...body.rows].map((item) => [item.dataset.state, item]));
  const rows = records.map((record) => {
    const state = stateOf(record, chosen, isAway);
    const item = before.get(state) ?? row(record, record.id === chosen, isAway, actions);
    item.dataset.state = state;
    return item;
  });
  const same = rows.length === body.rows.length && rows.every((item, index) => item === body.rows[index]);
  if (same) return;
  const { activeElement } = document;
  const position = [...body.rows].findIndex((item) => item.contains(activeElement));
  const id = position >= 0 ? body.rows[position].dataset.state.split(",")[0] : null;
  const column = activeElement?.closest?.("td")?.cellIndex;
  body.replaceChildren(...rows);
  const home = id && rows.find((item) => item.dataset.state.startsWith(`${id},`));
  home?.cells[column]?.querySelector("button")?.focus({ preventScroll: true });
}
