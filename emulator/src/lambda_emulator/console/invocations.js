// The state of each invocation, built from the emulator's messages.

import { LogLines } from "./log_lines.js";

const KEPT = 100; // as many as the emulator keeps

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const textOf = (base64) => new TextDecoder().decode(bytesOf(base64));

const unanswered = () => ({
  chunks: [],
  contentType: null,
  answer: null,
  httpStatus: null,
  report: null,
});

export class Invocations {
  /** By request id, oldest first. */
  #all = new Map();
  /** By function: the lines that it wrote outside of invocations. */
  #outside = new Map();

  /** Newest first. */
  list() {
    return [...this.#all.values()].reverse();
  }

  get(id) {
    return this.#all.get(id);
  }

  newest() {
    return [...this.#all.keys()].at(-1) ?? null;
  }

  outside(fn) {
    if (!this.#outside.has(fn)) this.#outside.set(fn, new LogLines());
    return this.#outside.get(fn);
  }

  /** Start over with the events of the past. */
  restore(happenings) {
    this.#all.clear();
    this.#outside.clear();
    for (const happening of happenings) this.note(happening);
  }

  /** Add a requested invocation. The emulator may have reported it already. */
  expect(id, fn, kind, event) {
    return this.#record(id, fn, { kind, event, started: Date.now() });
  }

  /** Add an event. */
  note(happening) {
    const { type, function: fn, request_id: id, time } = happening;
    if (type === "Cleared") {
      this.#clear();
      return;
    }
    if (type === "LogWritten" && !id) {
      this.outside(fn).add(bytesOf(happening.data), happening.platform);
      return;
    }
    const record = this.#record(id, fn, { started: time * 1000 });
    if (type === "Invoked") {
      const { kind, event, attempt, tenant_id: tenant } = happening;
      const known = { kind, attempt, tenant, event: textOf(event), running: true };
      // The response of a retry starts over; the log goes on.
      Object.assign(record, unanswered(), known, { started: time * 1000 });
    } else if (type === "LogWritten") {
      record.log.add(bytesOf(happening.data), happening.platform);
    } else if (type === "ResponseStarted") {
      record.contentType = happening.content_type;
    } else if (type === "ChunkSent" && happening.index === record.chunks.length) {
      // Chunks sent before this page listened may be reported twice.
      record.chunks.push({ bytes: bytesOf(happening.data), after: time * 1000 - record.started });
    } else if (type === "Answered") {
      const { payload, error_type: errorType, streamed, omitted } = happening;
      const contentType = happening.content_type;
      record.answer = { text: textOf(payload), errorType, contentType, streamed, omitted };
    } else if (type === "HTTPAnswered") {
      record.httpStatus = happening.status;
    } else if (type === "Traced") {
      record.spans = happening.spans;
    } else if (type === "Reported") {
      record.report = happening;
      record.running = false;
    }
  }

  #clear() {
    for (const [id, { report }] of this.#all) {
      if (report) this.#all.delete(id);
    }
    this.#outside.clear();
  }

  #record(id, fn, known) {
    let record = this.#all.get(id);
    if (!record) {
      const asked = { kind: "RequestResponse", event: "", attempt: 0, tenant: null, running: false };
      record = { id, fn, log: new LogLines(), spans: [], ...asked, ...unanswered(), ...known };
      this.#all.set(id, record);
      if (this.#all.size > KEPT) this.#all.delete(this.#all.keys().next().value);
    }
    return record;
  }
}
