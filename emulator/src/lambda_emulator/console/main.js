// The console: the parts of the page, put together.

import * as api from "./api.js";
import { draw } from "./chart.js";
import { byId, make, say } from "./dom.js";
import { Editor } from "./editor.js";
import { EventSourcePicker } from "./event_source.js";
import * as executions from "./executions.js";
import { showHistory } from "./history.js";
import { Invocations } from "./invocations.js";
import { layOut } from "./json.js";
import { request } from "./request_form.js";
import { onView, show } from "./result.js";
import { copy, snippet } from "./snippets.js";
import { lookSoon, pause } from "./state_view.js";

const invocations = new Invocations();
const picker = byId("function");
const form = byId("request");
let functions = [];
let handler = { module: null, name: "handler", target: "", sample: null, streams: false };
let chosen = null; // request id
let follows = true; // true to choose the invocations of other clients as they come
let isAway = true;
let isDrawn = true;

const isHttp = () => new FormData(form).get("form") === "http";
const kind = () => new FormData(form).get("kind");
const mayInvoke = () => !isAway && (isHttp() || editor.isValid);

const editor = new Editor(byId("event"), byId("event-colours"), (text, fault, typed) => {
  if (typed) events.own();
  byId("event").setAttribute("aria-invalid", String(Boolean(fault)));
  if (fault) say("check", fault.message, "bad");
  else say("check", text.trim() ? "Valid JSON" : "Empty: {} is sent", "good");
  allow();
});
const events = new EventSourcePicker(editor);

/** Disable the buttons that cannot work now. */
function allow() {
  const isWrong = !isHttp() && byId("event").ariaInvalid === "true";
  byId("invoke").disabled = isAway || isWrong;
  byId("again").disabled = isAway;
}

function render() {
  isDrawn = true;
  const records = invocations.list();
  const fn = picker.value;
  show(invocations.get(chosen), fn, invocations.outside(fn));
  showHistory(records, chosen, isAway, { choose, runAgain });
  const ended = records.filter((record) => record.fn === fn && record.report).reverse();
  say("summary", draw(byId("chart"), fn, ended, chosen, choose), "muted");
}

/** Draw all changes until the next frame at once. */
function refresh() {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(render);
}

/** Scroll to the result, unless it is visible. */
function showResult() {
  const { top } = byId("result").getBoundingClientRect();
  if (top >= 0 && top < innerHeight / 2) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  byId("result").scrollIntoView({ behavior: isCalm ? "instant" : "smooth", block: "start" });
}

function choose(record) {
  chosen = record.id;
  follows = false;
  refresh();
  showResult();
}

/** Invoke by `send`, which returns the request id. */
async function start(send) {
  say("problem", "");
  follows = true;
  try {
    const id = await send();
    chosen = id;
    follows = true;
  } catch (error) {
    say("problem", error.message);
  }
  refresh();
}

async function invoke(fn, how, event) {
  if (executions.isDurable(fn)) {
    await execute(fn, event);
    return;
  }
  await start(async () => {
    const { request_id: id } = await api.invoke(fn, how, event);
    invocations.expect(id, fn, how, event);
    return id;
  });
  if (!byId("problem").textContent) showResult();
}

/** Start a durable execution. */
async function execute(fn, event) {
  say("problem", "");
  try {
    await executions.start(fn, event.trim() || "{}");
    follows = true;
  } catch (error) {
    say("problem", error.message);
  }
}

async function sendRequest(fn) {
  showResult();
  await start(async () => {
    const { status, body, request_id: id } = await api.sendRequest(fn, request());
    if (!invocations.get(id)) throw new Error(`${status}: ${body}`);
    return id;
  });
}

const runAgain = ({ fn, kind: how, event }) =>
  invoke(fn, how === "URL" ? "RequestResponse" : how, executions.isDurable(fn) ? executions.inputOf(event) : event);

function submit() {
  if (!mayInvoke()) return;
  if (isHttp()) sendRequest(picker.value);
  else invoke(picker.value, kind(), editor.value);
}

/** The last result for the same event, or null. */
function lastAnswer(fn, event) {
  const same = (record) => record.fn === fn && record.event === event && record.report;
  const record = invocations.list().find(same);
  const isWhole = record?.answer && !record.answer.errorType && !record.answer.streamed;
  return isWhole ? record.answer.text : null;
}

async function copyAs(name) {
  const fn = picker.value;
  try {
    const sent = isHttp() ? request() : null;
    if (!sent && !editor.isValid) throw new Error("The event is not JSON.");
    const event = sent && name !== "curl" ? await api.requestEvent(fn, sent) : editor.value;
    const { region } = functions.find((each) => each.name === fn);
    const what = { fn, region, handler, event, request: sent, origin: location.origin };
    const how = sent ? "RequestResponse" : kind();
    await copy(snippet(name, { ...what, kind: how, answer: lastAnswer(fn, event) }));
    say("copied", `Copied as ${name}`, "muted");
  } catch (error) {
    say("problem", error.message);
  }
}

async function pickFunction() {
  const fn = picker.value;
  const { arn, timeout, memory_mb: memory } = functions.find(({ name }) => name === fn);
  events.turnTo(fn);
  say("facts", `${arn} · ${timeout}\u00a0s · ${memory}\u00a0MB`, "muted");
  refresh();
  const found = await api.handler(fn);
  if (picker.value !== fn) return;
  const wasStreaming = handler.streams && kind() === "Stream";
  handler = found;
  if (found.streams) setKind("Stream");
  else if (wasStreaming) setKind("RequestResponse");
  await events.offer(found.sample);
}

/** Pick a function; it can be invoked even if nothing is known of its events. */
async function tryToPick() {
  try {
    await pickFunction();
  } catch (error) {
    say("problem", error.message);
  }
}

const setKind = (value) => {
  form.elements.kind.value = value;
};

function showForm() {
  byId("event-form").hidden = isHttp();
  byId("http-form").hidden = !isHttp();
  allow();
}

async function showAsEvent() {
  try {
    editor.value = layOut(await api.requestEvent(picker.value, request()));
    events.own();
    form.elements.form.value = "event";
    showForm();
    editor.focus();
  } catch (error) {
    say("problem", error.message);
  }
}

function note(happening) {
  invocations.note(happening);
  if (happening.type === "Invoked" && follows) chosen = happening.request_id;
  refresh();
  lookSoon();
  executions.lookSoon();
}

/** Load the state of the emulator, which may be another one after a lost connection. */
async function begin(happenings) {
  invocations.restore(happenings);
  if (!invocations.get(chosen)) {
    chosen = invocations.newest();
    follows = true;
  }
  try {
    const before = picker.value;
    functions = await api.functions();
    const names = functions.map(({ name }) => name);
    picker.replaceChildren(...names.map((name) => make("option", {}, name)));
    if (names.includes(before)) picker.value = before;
    executions.offer(functions);
  } catch (error) {
    say("problem", `The console cannot start: ${error.message}`);
    return;
  }
  isAway = false;
  allow();
  lookSoon();
  await tryToPick();
  if (!isAway) say("connection", "Connected", "good");
}

function noteAway() {
  isAway = true;
  say("connection", "The emulator does not answer", "bad");
  allow();
  refresh();
  pause();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
picker.addEventListener("change", tryToPick);
for (const choice of form.elements.form) choice.addEventListener("change", showForm);
for (const button of form.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copyAs(button.dataset.copy));
}
byId("to-event").addEventListener("click", showAsEvent);
byId("format").addEventListener("click", () => editor.format());
byId("save").addEventListener("click", () => events.askAndSave(picker.value));
byId("again").addEventListener("click", () => runAgain(invocations.get(chosen)));
byId("edit").addEventListener("click", async () => {
  const { fn, event } = invocations.get(chosen);
  if (fn !== picker.value) {
    picker.value = fn;
    await pickFunction();
  }
  editor.value = event;
  events.own();
  form.elements.form.value = "event";
  showForm();
  editor.focus();
});
byId("clear").addEventListener("click", () => api.clearHistory());
document.addEventListener("keydown", (event) => {
  if (byId("save-dialog").open) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key === "Enter") submit();
  else if (isCommand && event.key === "s") events.askAndSave(picker.value);
  else if (event.altKey && event.shiftKey && event.code === "KeyF") editor.format();
  else return;
  event.preventDefault();
});
onView(refresh);
new ResizeObserver(refresh).observe(byId("past"));
showForm();
api.listen({ onHistory: begin, onHappening: note, onAway: noteAway });
