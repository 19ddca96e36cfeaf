// The console: the parts of the page, put together.

import * as api from "./api.js";
import { draw } from "./chart.js";
import { byId, make, say } from "./dom.js";
import * as editor from "./editor.js";
import { showHistory } from "./history.js";
import { Invocations } from "./invocations.js";
import { keep, kept } from "./keeping.js";
import { show } from "./result.js";

const invocations = new Invocations();
const picker = byId("function");
let functions = [];
let chosen = null; // request id
let follows = true; // whether what another client invokes is chosen as it comes
let isDrawn = true;
let timer = 0;

function render() {
  isDrawn = true;
  const records = invocations.list();
  const fn = picker.value;
  show(invocations.get(chosen), invocations.outside(fn));
  showHistory(records, chosen, { choose, runAgain });
  const reports = records.filter((record) => record.fn === fn && record.report);
  say("summary", draw(byId("chart"), fn, reports.map(({ report }) => report).reverse()), "muted");
}

/** Draw once for all that happens until the next frame. */
function refresh() {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(render);
}

/** Keep once for all that ends within a moment. */
function keepSoon() {
  clearTimeout(timer);
  timer = setTimeout(keepNow, 300);
}

const keepNow = () => keep(invocations.list());

function choose(record) {
  chosen = record.id;
  follows = false;
  refresh();
}

async function invoke(fn, kind, event) {
  say("problem", "");
  try {
    const { request_id: id } = await api.invoke(fn, kind, event);
    invocations.expect(id, fn, kind, event);
    chosen = id;
    follows = true;
  } catch (error) {
    say("problem", error.message);
  }
  refresh();
}

const runAgain = ({ fn, kind, event }) =>
  invoke(fn, kind === "URL" ? "RequestResponse" : kind, event);

function submit() {
  const kind = new FormData(byId("request")).get("kind");
  if (editor.isValid()) invoke(picker.value, kind, editor.value());
}

async function pickFunction() {
  const { arn, timeout, memory_mb: memory } = functions.find(({ name }) => name === picker.value);
  say("facts", `${arn} · ${timeout}\u00a0s · ${memory}\u00a0MB`, "muted");
  refresh();
  await editor.offer(picker.value);
}

function note(happening) {
  invocations.note(happening);
  if (happening.type === "Invoked" && follows) chosen = happening.request_id;
  if (happening.type === "Reported") keepSoon();
  refresh();
}

function noteConnection(isOpen) {
  if (isOpen) say("connection", "Connected", "good");
  else say("connection", "The emulator does not answer", "bad");
}

byId("request").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
picker.addEventListener("change", pickFunction);
byId("format").addEventListener("click", editor.format);
byId("save").addEventListener("click", () => editor.askAndSave(picker.value));
byId("again").addEventListener("click", () => runAgain(invocations.get(chosen)));
byId("edit").addEventListener("click", () => {
  const { fn, event } = invocations.get(chosen);
  if (fn !== picker.value) {
    picker.value = fn;
    pickFunction();
  }
  editor.edit(event);
  byId("event").focus();
});
byId("clear").addEventListener("click", () => {
  invocations.clear();
  keep([]);
  chosen = null;
  follows = true;
  refresh();
});
document.addEventListener("keydown", (event) => {
  if (byId("save-dialog").open) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key === "Enter") submit();
  else if (isCommand && event.key === "s") editor.askAndSave(picker.value);
  else if (event.altKey && event.shiftKey && event.code === "KeyF") editor.format();
  else return;
  event.preventDefault();
});
addEventListener("pagehide", keepNow);
new ResizeObserver(refresh).observe(byId("past"));

try {
  functions = await api.functions();
  const names = functions.map(({ name }) => name);
  picker.replaceChildren(...names.map((name) => make("option", {}, name)));
  invocations.restore(kept(names));
  api.listen(note, noteConnection);
  await pickFunction();
} catch (error) {
  say("problem", `The console cannot start: ${error.message}`);
}
