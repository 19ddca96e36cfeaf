// Durable executions: a list, and the timeline of the one that is chosen, with its callbacks.

import * as api from "./durable_api.js";
import { byId, make, say } from "./dom.js";
import { clock } from "./numbers.js";
import { duration, isOpen, operations, rows } from "./timeline.js";

const EVERY = 1000; // milliseconds, while an execution runs
const SOON = 150; // after something has happened
const SECOND = 1000;
const LOOKS = { RUNNING: "busy", PAUSING: "busy", PAUSED: "warning", SUCCEEDED: "success" };
const lookOf = (status) => LOOKS[status] ?? "failure";
const isRunning = (status) => status in LOOKS && status !== "SUCCEEDED";

let names = []; // of durable functions
let chosen = null; // ARN
let timer = 0;
let turn = 0; // of the newest request; replies to earlier ones are dropped
let shown = "";
let shownList = "";

/** Set the durable functions; without any, the section is hidden. */
export function offer(functions) {
  names = functions.filter(({ durable }) => durable).map(({ name }) => name);
  byId("executions").hidden = !names.length;
  lookSoon();
}

export const isDurable = (fn) => names.includes(fn);

/** Start an execution, and show it. */
export async function start(fn, event) {
  chosen = await api.start(fn, event);
  lookSoon();
}

/** The event that started an execution, from the event of one of its invocations. */
export function inputOf(event) {
  try {
    return JSON.parse(event).InitialExecutionState.Operations[0].ExecutionDetails.InputPayload ?? event;
  } catch {
    return event; // not an event of a durable execution
  }
}

function listRow(fn, execution) {
  const { DurableExecutionArn: arn, DurableExecutionName: name, Status: status } = execution;
  const started = execution.StartTimestamp * SECOND;
  const open = make("button", { type: "button", className: "link" }, clock(started));
  open.onclick = () => {
    chosen = arn;
    look();
  };
  const cell = (text, className = "") => make("td", { className }, text);
  const spent = execution.EndTimestamp ? duration(execution.EndTimestamp * SECOND - started) : "";
  return make("tr", { "aria-current": String(arn === chosen) },
    make("td", {}, open), cell(status.toLowerCase(), lookOf(status)), make("td", { className: "name", title: name }, name),
    cell(fn), cell(spent, "number"));
}

function showList(found) {
  const state = JSON.stringify([chosen, found]);
  if (state === shownList) return;
  shownList = state;
  const body = byId("executions-list");
  const position = [...body.rows].findIndex((row) => row.contains(document.activeElement));
  body.replaceChildren(...found.map(([fn, execution]) => listRow(fn, execution)));
  body.rows[position]?.querySelector("button").focus({ preventScroll: true });
  byId("no-executions").hidden = Boolean(found.length);
  byId("executions-table").hidden = !found.length;
}

/** Do a request of the user, and show its refusal. */
async function act(work) {
  say("execution-problem", "");
  try {
    await work();
  } catch (error) {
    say("execution-problem", error.message, "bad");
  }
  lookSoon();
}

function callbackForm({ name, callback }) {
  const answer = make("input", { type: "text", "aria-label": `Answer for ${name}`, placeholder: "Result or reason", autocomplete: "off" });
  const succeed = make("button", { type: "button", className: "primary" }, "Succeed");
  const fail = make("button", { type: "button" }, "Fail");
  succeed.onclick = () => act(() => api.succeed(callback, answer.value));
  fail.onclick = () => act(() => api.fail(callback, answer.value));
  return make("li", { "data-callback": callback, className: "row" },
    make("strong", {}, name), make("span", { className: "muted" }, "waits for an answer"), answer, succeed, fail);
}

/** Show the callbacks that wait. A form that is there stays, with the typed text. */
function showCallbacks(waiting) {
  const list = byId("callbacks");
  const before = new Map([...list.children].map((item) => [item.dataset.callback, item]));
  const items = waiting.map((operation) => before.get(operation.callback) ?? callbackForm(operation));
  const isSame = items.length === list.children.length && items.every((item, index) => item === list.children[index]);
  if (!isSame) list.replaceChildren(...items);
  list.hidden = !items.length;
}

function showExecution(described, events) {
  const { DurableExecutionName: name, Status: status, DurableExecutionArn: arn } = described;
  const found = operations(events);
  byId("execution").hidden = false;
  say("execution-name", name);
  say("execution-status", status.toLowerCase(), `badge ${lookOf(status)}`);
  say("execution-arn", arn, "muted");
  byId("pause").hidden = status !== "RUNNING";
  byId("resume").hidden = !["PAUSING", "PAUSED"].includes(status);
  byId("stop").hidden = !isRunning(status);
  byId("timeline").replaceChildren(...rows(events, described, found));
  showCallbacks(isRunning(status) ? found.filter((each) => each.callback && isOpen(each)) : []);
  say("execution-input", described.InputPayload ?? "");
  const { Error: error, Result: result } = described;
  say("execution-end", error ? `${error.ErrorType ?? "Error"}: ${error.ErrorMessage ?? ""}` : (result ?? ""), error ? "bad" : "");
}

async function look() {
  clearTimeout(timer);
  if (!names.length) return;
  const mine = ++turn;
  try {
    const lists = await Promise.all(names.map(async (fn) => (await api.list(fn)).map((each) => [fn, each])));
    const found = lists.flat().sort(([, one], [, other]) => other.StartTimestamp - one.StartTimestamp);
    const arns = found.map(([, { DurableExecutionArn: arn }]) => arn);
    if (!arns.includes(chosen)) chosen = arns[0] ?? null;
    const described = chosen && (await api.describe(chosen));
    const events = chosen ? await api.history(chosen) : [];
    if (mine !== turn) return;
    showList(found);
    byId("execution").hidden = !chosen;
    const state = JSON.stringify([described, events.length]);
    if (chosen && (state !== shown || isRunning(described.Status))) showExecution(described, events);
    shown = state;
    if (found.some(([, { Status: status }]) => isRunning(status))) timer = setTimeout(look, EVERY);
  } catch {
    // the page shows already that the emulator is away, and loads everything again when it is back
  }
}

/** Load the executions soon, because something has happened. */
export function lookSoon() {
  clearTimeout(timer);
  if (names.length) timer = setTimeout(look, SOON);
}

byId("pause").onclick = () => act(() => api.pause(chosen));
byId("resume").onclick = () => act(() => api.resume(chosen));
byId("stop").onclick = () => act(() => api.stop(chosen));
