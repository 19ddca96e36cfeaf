// The outcome of an invocation: its style, and a word for it.

import { httpOf, parsed, statusLine } from "./http.js";

const FAILED = new Set(["ProcessingFailed", "DeliveryFailed"]);
const values = (value) => (Array.isArray(value) ? value : []);

/** The number of failed items of a batch, as the services read the result; null without a batch. */
function failuresOf(event, answer) {
  if (answer === null || typeof answer !== "object") return null;
  const sent = event?.Records ?? event?.records ?? event?.tasks;
  if ("batchItemFailures" in answer) {
    const failures = values(answer.batchItemFailures);
    const total = values(sent).length;
    // A failure without an id fails the whole batch.
    const named = failures.every((each) => each?.itemIdentifier && typeof each.itemIdentifier === "string");
    return { failed: named ? failures.length : total || failures.length, total };
  }
  if (Array.isArray(answer.records)) {
    const failed = answer.records.filter((each) => FAILED.has(each?.result)); // Firehose
    return { failed: failed.length, total: answer.records.length };
  }
  if (Array.isArray(answer.results) && "invocationId" in answer) {
    const failed = answer.results.filter((each) => each?.resultCode !== "Succeeded"); // S3 Batch
    return { failed: failed.length, total: answer.results.length };
  }
  return null;
}

function batchOutcome({ failed, total }) {
  if (!failed) return ["success", "Succeeded"];
  if (failed >= total && total) return ["failure", `All ${total} failed`];
  return ["warning", total ? `${failed} of ${total} failed` : `${failed} failed`];
}

/** The outcome in the result of a function that did not fail. */
function answered(record) {
  const status = record.httpStatus ?? httpOf(record)?.status;
  if (status >= 500) return ["failure", statusLine(status)];
  if (status >= 400) return ["warning", statusLine(status)];
  if (status) return ["success", statusLine(status)];
  const answer = record.answer && parsed(record.answer.text);
  if (answer?.Status === "FAILED") return ["failure", "Failed"]; // custom resources, durable executions
  const failures = failuresOf(parsed(record.event), answer ?? null);
  return failures ? batchOutcome(failures) : ["success", "Succeeded"];
}

function find(record) {
  const { running, attempt, answer, report } = record;
  const errorType = report?.error_type ?? answer?.errorType;
  if (report?.status === "timeout") return ["failure", "Timed out"];
  if (errorType) return ["failure", errorType];
  if (report?.status === "success") return answered(record);
  if (report) return ["failure", "Failed"];
  if (running) return ["busy", attempt > 1 ? `Running, attempt ${attempt}` : "Running"];
  return ["busy", "Queued"];
}

const found = new WeakMap(); // by record: its source, and the outcome

export function outcomeOf(record) {
  const { running, attempt, answer, report, httpStatus } = record;
  const state = [running, attempt, Boolean(answer), Boolean(report), httpStatus].join();
  const known = found.get(record);
  if (known?.state === state) return known.outcome;
  const outcome = find(record);
  found.set(record, { state, outcome });
  return outcome;
}
