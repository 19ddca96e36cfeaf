// What is known of each invocation, made of what the emulator tells of it.

const KEPT = 100;
const LOG = 10_000; // pieces of a log; then the older half is given up
const ESCAPES = /\x1b\[[0-9;?]*[ -/]*[@-~]/g; // colours of a terminal
const RETURNS = /\r(?!\n)/g; // begin a line in CloudWatch, and so here

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const textOf = (base64) => new TextDecoder().decode(bytesOf(base64));

export class Invocations {
  /** By request id, oldest first. */
  #all = new Map();
  /** By function: what it wrote outside of invocations. */
  #outside = new Map();
  /** Pieces may end within a character: each stream of text has its own decoder, by its owner. */
  #decoders = new WeakMap();

  /** Newest first. */
  list() {
    return [...this.#all.values()].reverse();
  }

  get(id) {
    return this.#all.get(id);
  }

  outside(fn) {
    return this.#outside.get(fn) ?? { id: fn, log: [], dropped: 0 };
  }

  clear() {
    this.#all.clear();
  }

  /** Take back what was kept, in front of what is new. */
  restore(records) {
    const newer = [...this.#all];
    this.#all = new Map([...records.map((record) => [record.id, record]), ...newer]);
  }

  /** Note that an invocation was asked for; the emulator may have told of it before. */
  expect(id, fn, kind, event) {
    return this.#record(id, fn, { kind, event, started: Date.now() });
  }

  /** Note what has happened. */
  note(happening) {
    const { type, function: fn, request_id: id, time } = happening;
    if (type === "LogWritten" && !id) {
      const owner = this.outside(fn);
      this.#outside.set(fn, owner);
      this.#log(owner, happening);
      return;
    }
    const record = this.#record(id, fn, { started: time * 1000 });
    if (type === "Invoked") {
      const { kind, event, attempt } = happening;
      Object.assign(record, { kind, attempt, event: textOf(event), running: true });
      Object.assign(record, { started: time * 1000, chunks: [], answer: null, report: null });
      this.#decoders.delete(record); // a retry's response begins anew
    } else if (type === "LogWritten") {
      this.#log(record, happening);
    } else if (type === "ChunkSent") {
      const bytes = bytesOf(happening.data);
      const text = this.#decode(record, "body", bytes);
      record.chunks.push({ text, size: bytes.length, after: time * 1000 - record.started });
    } else if (type === "Answered") {
      const { payload, error_type: errorType, content_type: contentType, streamed } = happening;
      record.answer = { text: textOf(payload), errorType, contentType, streamed };
    } else if (type === "Reported") {
      record.report = happening;
      record.running = false;
    }
  }

  #record(id, fn, known) {
    let record = this.#all.get(id);
    if (!record) {
      const empty = { attempt: 0, log: [], dropped: 0, chunks: [], answer: null, report: null };
      record = { id, fn, kind: "RequestResponse", event: "", running: false, ...empty, ...known };
      this.#all.set(id, record);
      if (this.#all.size > KEPT) this.#all.delete(this.#all.keys().next().value);
    }
    return record;
  }

  #log(owner, { data, platform }) {
    const text = platform ? textOf(data) : this.#decode(owner, "log", bytesOf(data));
    owner.log.push({ text: text.replace(ESCAPES, "").replace(RETURNS, "\n"), platform });
    if (owner.log.length > LOG) owner.dropped += owner.log.splice(0, LOG / 2).length;
  }

  #decode(owner, stream, bytes) {
    if (!this.#decoders.has(owner)) this.#decoders.set(owner, {});
    const decoders = this.#decoders.get(owner);
    decoders[stream] ??= new TextDecoder();
    return decoders[stream].decode(bytes, { stream: true });
  }
}

/** What became of an invocation: how it looks, and a word for it. */
export function outcomeOf({ running, attempt, answer, report }) {
  const errorType = report?.error_type ?? answer?.errorType;
  if (report?.status === "timeout") return ["failure", "Timed out"];
  if (errorType) return ["failure", errorType];
  if (report?.status === "success") return ["success", "Succeeded"];
  if (report) return ["failure", "Failed"];
  if (running) return ["busy", attempt > 1 ? `Running, attempt ${attempt}` : "Running"];
  return ["busy", "Queued"];
}
