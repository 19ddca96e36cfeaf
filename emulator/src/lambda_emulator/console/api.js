// The emulator's side: what the page asks of it, and what it tells on its own.

const ROOT = "/_console/api";

/** Ask; the answer is JSON. A refusal is an Error with the emulator's own words. */
async function ask(path, options) {
  const response = await fetch(ROOT + path, options);
  const text = await response.text();
  if (response.ok) return text && JSON.parse(text);
  let message = `${response.status} ${response.statusText}`;
  try {
    message = JSON.parse(text).message ?? message;
  } catch {
    // a refusal from before the console: its status says what there is to say
  }
  throw new Error(message);
}

const part = encodeURIComponent;

export const functions = () => ask("/functions");
export const samples = () => ask("/samples");
export const events = (name) => ask(`/functions/${part(name)}/events`);

/** The text of an event, as it is: numbers that JavaScript cannot hold stay what they are. */
export async function eventText(path) {
  const response = await fetch(ROOT + path);
  if (!response.ok) throw new Error(`The event cannot be read: ${response.status}.`);
  return response.text();
}

export const samplePath = (name) => `/samples/${part(name)}`;
export const savedPath = (fn, name) => `/functions/${part(fn)}/events/${part(name)}`;

export const save = (fn, name, text) => ask(savedPath(fn, name), { method: "PUT", body: text });

export const invoke = (fn, kind, text) =>
  ask(`/functions/${part(fn)}/invocations?kind=${kind}`, { method: "POST", body: text });

/** Listen to what happens, for ever; a lost connection is made again by the browser. */
export function listen(onHappening, onConnection) {
  const source = new EventSource(`${ROOT}/happenings`);
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false);
  source.onmessage = (message) => onHappening(JSON.parse(message.data));
}
