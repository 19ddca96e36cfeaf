// Event sources: polled sources, triggers, and a form to send a message by hand.

import * as api from "./api.js";
import { byId, make, say } from "./dom.js";

const LOOKS = { invoking: "busy", starting: "busy", stopped: "failure", unreachable: "failure" };

const cell = (text, title = "") => make("td", { title }, text);
const number = (text) => make("td", { className: "number" }, text);
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();

/** The last part of a URL, or of an ARN. */
const shortName = (source) => source.replace(/\/+$/, "").split(/[/:]/).at(-1);
const streamName = ({ kind, source }) =>
  kind === "dynamodb" ? source.replace(/^.*table\//, "").replace(/\/.*$/, "") : shortName(source);

const lag = ({ lag: amount, lag_unit: unit }) =>
  amount === null || amount === undefined ? "" : unit === "messages" ? `${amount} waiting` : `${amount} s`;

const batch = (each) => `${each.records - each.failed}/${each.records}`;

const eventSource = (each) =>
  make(
    "tr",
    {},
    cell(streamName(each), each.error || each.source),
    cell(each.function),
    make("td", { className: LOOKS[each.state] ?? "" }, each.state),
    number(each.received),
    number(each.returned),
    cell(lag(each)),
    cell(
      each.batches.map(batch).join(" "),
      each.batches.map((one) => `${clock(one.time)}: ${batch(one)} done`).join("\n"),
    ),
  );

/** Do something, and show its success or its error. */
async function attempt(action, done) {
  try {
    await action();
    say("sent", done, "muted");
  } catch (error) {
    say("sent", error.message, "failure");
  }
}

function fireButton({ name }) {
  const button = make("button", { type: "button", className: "quiet" }, "Fire now");
  button.setAttribute("aria-label", `Fire ${name} now`);
  button.addEventListener("click", () =>
    attempt(() => api.send(`schedule://${encodeURIComponent(name)}`), `${name} has fired.`),
  );
  return button;
}

const trigger = (each) =>
  make(
    "tr",
    {},
    cell(each.name),
    cell(each.function),
    cell(each.rule),
    cell(each.next ? new Date(each.next * 1000).toLocaleString() : ""),
    number(each.fired),
    make("td", {}, ...(each.kind === "schedule" ? [fireButton(each)] : [])),
  );

/** Replace rows, and keep the focus on the same button. */
function replaceRows(id, rows) {
  const body = byId(id);
  const label = body.contains(document.activeElement) && document.activeElement.ariaLabel;
  body.replaceChildren(...rows);
  if (label) body.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

function showQueues(names) {
  const select = byId("queue-name");
  const before = select.value;
  if (names.join() !== [...select.options].map((each) => each.value).join()) {
    select.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
    if (names.includes(before)) select.value = before;
  }
  byId("message-form").hidden = !names.length;
}

/** Show all event sources. */
export function showSources(sources, triggers) {
  byId("sources").replaceChildren(...sources.map(eventSource));
  replaceRows("triggers", triggers.map(trigger));
  byId("sources-table").hidden = !sources.length;
  byId("triggers-part").hidden = !triggers.length;
  byId("no-sources").hidden = Boolean(sources.length + triggers.length);
  showQueues(sources.filter((each) => each.kind === "sqs").map((each) => shortName(each.source)));
}

byId("message-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("queue-name").value;
  const text = byId("message").value;
  attempt(() => api.send(`sqs://${encodeURIComponent(name)}`, text), `Sent to ${name}.`);
});
