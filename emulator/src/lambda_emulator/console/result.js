// The chosen invocation: its outcome, numbers, response or error, and log, as they arrive.

import { byId, make, say, showPieces } from "./dom.js";
import { kindName } from "./history.js";
import { httpOf, statusLine } from "./http.js";
import { view } from "./json_view.js";
import { showLog } from "./log_view.js";
import { bytes, milliseconds } from "./numbers.js";
import { outcomeOf } from "./outcome.js";
import { showTrace } from "./trace.js";

let isRaw = false;
const encoder = new TextEncoder();

/** The description of an error, if a payload is one. */
function errorOf(answer) {
  if (!answer?.errorType) return null;
  try {
    const error = JSON.parse(answer.text);
    const stack = Array.isArray(error.stackTrace) ? error.stackTrace.join("") : "";
    return { message: String(error.errorMessage ?? ""), stack: stack.trimEnd() };
  } catch {
    return { message: answer.text, stack: "" };
  }
}

const pair = ([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value));

function showNumbers(report) {
  const numbers = report && [
    ["Duration", milliseconds(report.duration_ms)],
    ["Billed", `${report.billed_ms} ms`],
    ["Init", report.init_ms === null ? "warm" : milliseconds(report.init_ms)],
    ["Memory used", `${report.peak_memory_mb} of ${report.memory_mb} MB`],
  ];
  byId("numbers").replaceChildren(...(numbers ?? []).map(pair));
}

function showError(answer) {
  const error = errorOf(answer);
  byId("error").hidden = !error;
  say("error-type", answer?.errorType ?? "");
  say("error-message", error?.message ?? "");
  say("stack", error?.stack ?? "");
  byId("stack").hidden = !error?.stack;
}

function showHead(http) {
  byId("http").hidden = !http;
  if (!http) return;
  const look = http.status >= 500 ? "failure" : http.status >= 400 ? "warning" : "success";
  byId("http-status").replaceChildren(
    make("span", { className: `status ${look}` }, statusLine(http.status)),
  );
  const headers = http.headers.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  byId("http-headers").replaceChildren(...headers);
  byId("http-headers").hidden = !headers.length;
}

const decoded = new WeakMap(); // by record: the texts of its chunks until now

/** Chunks with their texts. A chunk may end within a character, which the next one completes. */
function withTexts(record, key, chunks) {
  let known = decoded.get(record);
  if (known?.key !== key) known = { key, decoder: new TextDecoder(), pieces: [] };
  decoded.set(record, known);
  for (const { bytes: data, after } of chunks.slice(known.pieces.length)) {
    const text = known.decoder.decode(data, { stream: true });
    known.pieces.push({ text, size: data.length, after });
  }
  return known.pieces;
}

// A zero byte would be invisible.
const chunkPiece = ({ text, size, after }) =>
  make(
    "span",
    { className: "chunk", title: `${bytes(size)} after ${milliseconds(after)}` },
    text.replaceAll("\0", "␀"),
  );

function showStream(record, http) {
  const { id, attempt, chunks, answer } = record;
  const response = byId("response");
  const size = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0) + (answer?.omitted ?? 0);
  const first = milliseconds(chunks[0].after);
  say("response-facts", `${chunks.length} chunks, ${bytes(size)}, the first after ${first}`, "muted");
  const key = `${id} ${attempt} ${http ? "body" : "chunks"}`;
  const pieces = withTexts(record, key, http ? http.body : chunks);
  if (answer && http?.type?.split(";")[0].includes("json")) {
    showWhole(`${key} whole`, pieces.map(({ text }) => text).join(""));
    return;
  }
  showPieces(response, key, pieces, chunkPiece);
  if (answer?.omitted && response.lastChild?.className !== "omitted") {
    const rest = `\n… ${bytes(answer.omitted)} more, not kept`;
    response.append(make("span", { className: "omitted" }, rest));
  }
}

function showWhole(key, text) {
  const response = byId("response");
  if (response.dataset.key === key) return;
  response.dataset.key = key;
  response.replaceChildren(...view(text));
}

function showResponse(record) {
  const { id, attempt, chunks, answer } = record;
  const found = httpOf(record);
  const http = isRaw ? null : found;
  // The error above shows the content of its JSON.
  const isShown = Boolean(answer?.errorType) && !chunks.length;
  byId("raw").hidden = !found && !isShown;
  byId("response").hidden = isShown && !isRaw;
  showHead(http);
  if (chunks.length) {
    showStream(record, http);
    return;
  }
  const text = answer && !answer.streamed ? answer.text : "";
  const size = encoder.encode(text).length;
  const facts = answer ? [bytes(size), answer.contentType].filter(Boolean).join(", ") : "";
  say("response-facts", facts, "muted");
  const state = `${id} ${attempt} ${answer ? "whole" : "none"} ${Boolean(http)}`;
  if (http?.binary) showWhole(state, `Binary, ${bytes(http.binary)}`);
  else showWhole(state, http ? http.text : text);
}

function showOrigin({ kind, tenant, attempt, fn }) {
  const facts = [fn, kindName(kind)];
  if (tenant) facts.push(`tenant ${tenant}`);
  if (attempt > 1) facts.push(`attempt ${attempt}`);
  say("origin", ` · ${facts.join(" · ")}`);
}

function showLogOf(record) {
  const filter = {
    level: Number(byId("log-level").value),
    search: byId("log-search").value.trim().toLowerCase(),
  };
  const { lines, dropped } = record.log;
  const shown = showLog(byId("log"), record.id, record.log, filter);
  const older = dropped ? `, ${dropped} older lines dropped` : "";
  const isFiltered = filter.level >= 0 || filter.search;
  say("log-facts", isFiltered ? `${shown} of ${lines.length} lines${older}` : older.slice(2), "muted");
}

/** Show an invocation, or a hint if there is none. */
export function show(record, fn, outside) {
  byId("outside").hidden = !outside.lines.length;
  showLog(byId("outside-log"), fn, outside);
  byId("nothing").hidden = Boolean(record);
  for (const id of ["details", "again", "edit"]) byId(id).hidden = !record;
  if (!record) {
    say("outcome", "", "badge");
    return;
  }
  const [look, word] = outcomeOf(record);
  say("outcome", word, `badge ${look}`);
  say("request-id", record.id);
  showOrigin(record);
  showNumbers(record.report);
  showError(record.answer);
  showResponse(record);
  showTrace(record);
  showLogOf(record);
}

/** Call back when the user wants another view of the result: raw, or other lines of its log. */
export function onView(refresh) {
  byId("raw").addEventListener("click", () => {
    isRaw = !isRaw;
    byId("raw").setAttribute("aria-pressed", String(isRaw));
    refresh();
  });
  byId("log-level").addEventListener("change", refresh);
  byId("log-search").addEventListener("input", refresh);
}
