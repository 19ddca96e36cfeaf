// The chosen invocation: its outcome, numbers, response or error, and log, while they come.

import { byId, make, say, showPieces } from "./dom.js";
import { fault } from "./fault.js";
import { outcomeOf } from "./invocations.js";
import { layOut, parts } from "./json.js";
import { bytes, milliseconds } from "./numbers.js";

const SHOWN = 200_000; // characters of a response; a browser is slow with more
const COLOURED = 40_000; // the same, when each value is an element of its own

const logPiece = ({ text, platform }) =>
  make("span", { className: platform ? "platform" : "" }, text);

// The zero bytes that end a stream's prelude could not be seen.
const chunkPiece = ({ text, size, after }) =>
  make(
    "span",
    { className: "chunk", title: `${bytes(size)} after ${milliseconds(after)}` },
    text.replaceAll("\0", "␀"),
  );

/** The description of an error, if a payload is one. */
function errorOf(answer) {
  if (!answer?.errorType) return null;
  try {
    const told = JSON.parse(answer.text);
    const stack = Array.isArray(told.stackTrace) ? told.stackTrace.join("") : "";
    return { message: String(told.errorMessage ?? ""), stack: stack.trimEnd() };
  } catch {
    return { message: answer.text, stack: "" };
  }
}

function showNumbers(report) {
  const numbers = report && [
    ["Duration", milliseconds(report.duration_ms)],
    ["Billed", `${report.billed_ms} ms`],
    ["Init", report.init_ms === null ? "warm" : milliseconds(report.init_ms)],
    ["Memory used", `${report.peak_memory_mb} of ${report.memory_mb} MB`],
  ];
  const fields = (numbers ?? []).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value)),
  );
  byId("numbers").replaceChildren(...fields);
}

function showError(answer) {
  const error = errorOf(answer);
  byId("error").hidden = !error;
  say("error-type", answer?.errorType ?? "");
  say("error-message", error?.message ?? "");
  say("stack", error?.stack ?? "");
  byId("stack").hidden = !error?.stack;
}

function showResponse({ id, attempt, chunks, answer }) {
  const response = byId("response");
  if (chunks.length) {
    const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    const first = milliseconds(chunks[0].after);
    say("response-facts", `${chunks.length} chunks, ${bytes(size)}, the first after ${first}`, "muted");
    showPieces(response, `${id} ${attempt} chunks`, chunks, chunkPiece);
    return;
  }
  const text = answer && !answer.streamed ? answer.text : "";
  const key = `${id} ${attempt} ${answer ? "whole" : "none"}`;
  if (response.dataset.key === key) return;
  response.dataset.key = key;
  const size = new TextEncoder().encode(text).length;
  say("response-facts", answer ? [bytes(size), answer.contentType].filter(Boolean).join(", ") : "", "muted");
  const shown = text.slice(0, SHOWN);
  const isJson = text && text.length < COLOURED && !fault(text);
  const pieces = isJson ? parts(layOut(text)) : [["", shown]];
  response.replaceChildren(...pieces.map(([kind, piece]) => make("span", { className: kind }, piece)));
  if (text !== shown) {
    const rest = `\n… ${text.length - SHOWN} more characters`;
    response.append(make("span", { className: "omitted" }, rest));
  }
}

const showLog = (element, { id, log, dropped }) =>
  showPieces(element, `${id} ${dropped}`, log, logPiece);

/** Show an invocation, or that there is none. */
export function show(record, outside) {
  byId("outside").hidden = !outside.log.length;
  showLog(byId("outside-log"), outside);
  byId("nothing").hidden = Boolean(record);
  for (const id of ["details", "again", "edit"]) byId(id).hidden = !record;
  if (!record) {
    say("outcome", "", "badge");
    return;
  }
  const [look, word] = outcomeOf(record);
  say("outcome", word, `badge ${look}`);
  say("request-id", record.id);
  showNumbers(record.report);
  showError(record.answer);
  showResponse(record);
  showLog(byId("log"), record);
}
