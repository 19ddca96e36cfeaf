// Splits a log into lines, each with its level and its fields. Pieces of a log may end anywhere.

const KEPT = 10_000; // lines; beyond that, the older half is dropped
const ESCAPES = /\x1b\[[0-9;?]*[ -/]*[@-~]/g; // colours of a terminal
const LEVELS = { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, WARNING: 3, ERROR: 4, CRITICAL: 5, FATAL: 5 };
const FRAMED = /^\[([A-Z]+)\]\t(\S+Z)\t([0-9a-f-]{36})?\t?([^]*)$/; // as Lambda's runtimes write text
const PLAIN =
  /^(?:[\d:.,TZ+/-]+\s+)*(?:-\s*\S+\s+-\s+)?\[?(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b\]?[\s:|-]/;
const FAILED = /Task timed out after|^RequestId: \S+ Error: |\tStatus: (?:error|timeout)\b/;
const HANDLED = new Set(["timestamp", "time", "level", "message", "msg", "requestId"]);
const INFO = 2;

const levelOf = (name) => LEVELS[String(name).toUpperCase()] ?? INFO;
const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** A field's value as text; a stack trace keeps its lines. */
function field([name, value]) {
  const isTrace = Array.isArray(value) && value.every((item) => typeof item === "string");
  return [name, isTrace && name.toLowerCase().includes("trace") ? `\n${value.join("\n").trimEnd()}` : shown(value)];
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** The fields of a record; those of Lambda's own metrics are among the others. */
const fieldsOf = (record) =>
  Object.entries(record)
    .filter(([name]) => !HANDLED.has(name))
    .flatMap(([name, value]) => (name === "metrics" && isObject(value) ? Object.entries(value) : [[name, value]]))
    .map(field);

function readRecord(value) {
  const { level, type, record } = value;
  const time = shown(value.timestamp ?? value.time);
  if (typeof type === "string" && isObject(record)) {
    return { time, message: type, fields: fieldsOf(record) };
  }
  if (typeof level !== "string") return null;
  const known = { level: levelOf(level), name: level, time };
  const { message = value.msg, errorType, errorMessage, ...others } = value;
  if (message === undefined && errorType !== undefined) {
    return { ...known, message: `${shown(errorType)}: ${shown(errorMessage ?? "")}`, fields: fieldsOf(others) };
  }
  const { message: _, ...rest } = value;
  return { ...known, message: message === undefined ? "" : shown(message), fields: fieldsOf(rest) };
}

function readJson(text) {
  if (!text.startsWith("{")) return null;
  try {
    return readRecord(JSON.parse(text));
  } catch {
    return null; // not JSON, or nested too deep
  }
}

/** The level, time, message and fields of a line, as far as it has them. */
function read(text, platform) {
  const json = readJson(text);
  if (json) return json;
  const framed = !platform && FRAMED.exec(text);
  if (framed && framed[1] in LEVELS) {
    const [, name, time, , message] = framed;
    return { level: LEVELS[name], name, time, message, fields: [] };
  }
  const plain = !platform && PLAIN.exec(text)?.[1];
  const level = platform && FAILED.test(text) ? LEVELS.ERROR : LEVELS[plain];
  return { level, message: text, fields: [] };
}

export class LogLines {
  lines = [];
  /** The number of dropped lines. */
  dropped = 0;
  #decoder = new TextDecoder();
  #open = false; // true while the last line has no end
  #count = 0;

  add(bytes, platform) {
    // Lambda's own lines are whole; a piece of the function's may end within a character.
    const text = platform ? new TextDecoder().decode(bytes) : this.#decoder.decode(bytes, { stream: true });
    const parts = text.split("\n");
    parts.forEach((part, index) => {
      const isLast = index === parts.length - 1;
      if (isLast && !part) return;
      this.#put(part, platform);
      this.#open = isLast;
    });
    if (parts.length > 1 && !parts.at(-1)) this.#open = false;
  }

  #put(text, platform) {
    const last = this.lines.at(-1);
    if (this.#open && last && last.platform === platform) {
      this.lines[this.lines.length - 1] = this.#line(last.raw + text, platform);
      return;
    }
    // Lambda's lines begin with a line's end if the function has left one open.
    if (this.#open && !text) return;
    this.lines.push(this.#line(text, platform));
    if (this.lines.length > KEPT) this.dropped += this.lines.splice(0, KEPT / 2).length;
  }

  #line(raw, platform) {
    this.#count += 1;
    // Alone, a carriage return goes on with a record: so runtimes write one of several lines.
    const text = raw.replace(ESCAPES, "").replace(/\r$/, "").replaceAll("\r", "\n");
    return { key: this.#count, raw, text, platform, ...read(text, platform) };
  }
}

/** True if a line's level is at least this. A line without a level counts as INFO. */
export const isAtLeast = (line, level) => (line.level ?? INFO) >= level;
