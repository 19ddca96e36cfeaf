// The page's requests to the emulator, and the messages from it.

const ROOT = "/_console/api";

/** Send a request, and return the JSON of the response. A refusal throws the emulator's message. */
async function ask(path, options, root = ROOT) {
  const response = await fetch(root + path, options);
  const text = await response.text();
  if (response.ok) return text && JSON.parse(text);
  let message = `${response.status} ${response.statusText}`;
  try {
    message = JSON.parse(text).message ?? message;
  } catch {
    // a refusal without JSON: its status is the message
  }
  throw new Error(message);
}

const part = encodeURIComponent;
const post = (path, body) => ask(path, { method: "POST", body });

export const functions = () => ask("/functions");
export const handler = (fn) => ask(`/functions/${part(fn)}/handler`);
export const sampleGroups = () => ask("/sample-groups");
export const events = (fn) => ask(`/functions/${part(fn)}/events`);
export const state = () => ask("/state");

/** Send a message to the target of a URL: sqs://QUEUE, or schedule://NAME. */
export const send = (target, data = "") =>
  ask("/send", { method: "POST", body: JSON.stringify({ target, data }) }, "/_events");

export const clearHistory = () => ask("/history", { method: "DELETE" });

async function textOf(response) {
  if (!response.ok) throw new Error(`The event cannot be read: ${response.status}.`);
  return response.text();
}

/** The text of an event, unparsed, to keep numbers that JavaScript cannot hold. */
export const eventText = async (path) => textOf(await fetch(ROOT + path));

export const samplePath = (name) => `/samples/${part(name)}`;
export const savedPath = (fn, name) => `/functions/${part(fn)}/events/${part(name)}`;

export const save = (fn, name, text) => ask(savedPath(fn, name), { method: "PUT", body: text });

export const invoke = (fn, kind, text) =>
  post(`/functions/${part(fn)}/invocations?kind=${kind}`, text);

/** Send an HTTP request to a function's URL, and return the complete response. */
export const sendRequest = (fn, request) =>
  post(`/functions/${part(fn)}/requests`, JSON.stringify(request));

/** The event that an HTTP request becomes. */
export const requestEvent = async (fn, request) =>
  JSON.stringify(await post(`/functions/${part(fn)}/request-events`, JSON.stringify(request)));

/** Listen to events forever. The browser reconnects after a lost connection. */
export function listen({ onHistory, onHappening, onAway }) {
  const source = new EventSource(`${ROOT}/happenings`);
  source.onerror = onAway;
  source.addEventListener("history", (message) => onHistory(JSON.parse(message.data)));
  source.onmessage = (message) => onHappening(JSON.parse(message.data));
}
