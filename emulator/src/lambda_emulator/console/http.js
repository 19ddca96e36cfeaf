// A function's result as the HTTP response that a front end makes of it.

const PRELUDE = "application/vnd.awslambda.http-integration-response";
const PRELUDE_END = 8; // zero bytes between the prelude and the body
const REASONS = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
  301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
  307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
  403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
  409: "Conflict", 410: "Gone", 412: "Precondition Failed", 413: "Content Too Large",
  415: "Unsupported Media Type", 418: "I'm a teapot", 422: "Unprocessable Content",
  429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
  502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
};

export const statusLine = (status) => `${status} ${REASONS[status] ?? ""}`.trim();

const mediaType = (type) => (type ?? "").split(";")[0].trim().toLowerCase();
const isStatus = (value) =>
  (typeof value === "number" && Number.isInteger(value) && value >= 100 && value < 600) ||
  (typeof value === "string" && /^[1-5]\d\d$/.test(value));
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const entries = (value) => (isObject(value) ? Object.entries(value) : []);

/** The headers of a result as pairs, one for each value and each cookie. */
function headersOf({ headers, multiValueHeaders, cookies }) {
  const several = entries(multiValueHeaders).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, textOf(value)]),
  );
  const names = new Set(several.map(([name]) => name.toLowerCase()));
  const single = entries(headers)
    .filter(([name]) => !names.has(name.toLowerCase()))
    .map(([name, value]) => [name, textOf(value)]);
  const set = (Array.isArray(cookies) ? cookies : []).map((cookie) => ["Set-Cookie", textOf(cookie)]);
  return [...single, ...several, ...set];
}

const typeOf = (headers) => headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];

/** A body in base64 as text, or its size if it is not text. */
function decode(base64) {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    try {
      return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      return { text: "", binary: bytes.length };
    }
  } catch {
    return { text: base64 };
  }
}

function described(value) {
  const headers = headersOf(value);
  const { body, isBase64Encoded: encoded } = value;
  const content =
    encoded && typeof body === "string"
      ? decode(body)
      : { text: body === undefined || body === null ? "" : textOf(body) };
  return { status: Number(value.statusCode), headers, type: typeOf(headers), ...content };
}

/** The end of a stream's prelude, as [chunk, offset after the zero bytes], or null. */
function endOfPrelude(chunks) {
  let zeros = 0;
  for (const [index, { bytes }] of chunks.entries()) {
    for (let offset = 0; offset < bytes.length; offset += 1) {
      zeros = bytes[offset] ? 0 : zeros + 1;
      if (zeros === PRELUDE_END) return [index, offset + 1];
    }
  }
  return null;
}

function join(chunks) {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0));
  let place = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.bytes, place);
    place += chunk.bytes.length;
  }
  return bytes;
}

/** The status, headers and pieces of the body that a stream with a prelude has sent so far. */
function streamed(chunks) {
  const end = endOfPrelude(chunks);
  if (!end) return null;
  const [index, offset] = end;
  const { bytes, after } = chunks[index];
  const head = join([...chunks.slice(0, index), { bytes: bytes.subarray(0, offset - PRELUDE_END) }]);
  let prelude;
  try {
    prelude = JSON.parse(new TextDecoder().decode(head) || "{}");
  } catch {
    return null;
  }
  if (!isObject(prelude)) return null;
  const headers = headersOf(prelude);
  const rest = offset < bytes.length ? [{ bytes: bytes.subarray(offset), after }] : [];
  const { statusCode = 200 } = prelude;
  if (!isStatus(statusCode)) return null;
  const status = Number(statusCode);
  return { status, headers, type: typeOf(headers), body: [...rest, ...chunks.slice(index + 1)] };
}

export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True if the front end makes a response of any JSON, as function URLs do. */
const takesAny = ({ kind, event }) => kind === "URL" && parsed(event)?.version === "2.0";

function find(record) {
  const { answer, chunks, contentType } = record;
  if (chunks.length) return mediaType(contentType) === PRELUDE ? streamed(chunks) : null;
  if (!answer || answer.errorType || answer.streamed) return null;
  const value = parsed(answer.text);
  if (isObject(value) && isStatus(value.statusCode)) return described(value);
  if (!takesAny(record) || value === undefined || (isObject(value) && "statusCode" in value)) return null;
  const text = typeof value === "string" ? value : answer.text;
  const headers = [["Content-Type", "application/json"]];
  return { status: 200, headers, type: "application/json", text };
}

const found = new WeakMap(); // by record: its source, and the response

/** The HTTP response of a result, or null. Its body is `text`, or `body` in pieces. */
export function httpOf(record) {
  const state = [record.attempt, record.chunks.length, record.answer !== null].join();
  const known = found.get(record);
  if (known?.state === state) return known.http;
  let http;
  try {
    http = find(record);
  } catch {
    http = null; // the value is nested too deep
  }
  found.set(record, { state, http });
  return http;
}

