// Lambda's API for durable executions, which the emulator serves at this address.

const ROOT = "/2025-12-01";
const MOST = 1000; // events of a page

const part = encodeURIComponent;

async function ask(path, options) {
  const response = await fetch(path, options);
  const text = await response.text();
  const body = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(body.message ?? body.Message ?? `${response.status} ${response.statusText}`);
  return { body, headers: response.headers };
}

const send = (path, body) => ask(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });
const execution = (arn, rest = "") => `${ROOT}/durable-executions/${part(arn)}${rest}`;
const callback = (id, answer) => `${ROOT}/durable-execution-callbacks/${part(id)}/${answer}`;

/** Start an execution, and return its ARN. */
export async function start(fn, event) {
  const { headers } = await ask(`/2015-03-31/functions/${part(fn)}/invocations?Qualifier=$LATEST`, {
    method: "POST",
    body: event,
    headers: { "Content-Type": "application/json", "X-Amz-Invocation-Type": "Event" },
  });
  return headers.get("X-Amz-Durable-Execution-Arn");
}

/** The executions of a function, the newest first. */
export async function list(fn) {
  const { body } = await ask(`${ROOT}/functions/${part(fn)}/durable-executions`);
  return body.DurableExecutions;
}

export const describe = async (arn) => (await ask(execution(arn))).body;

export async function history(arn) {
  const events = [];
  let marker = "";
  do {
    const { body } = await ask(execution(arn, `/history?MaxItems=${MOST}&Marker=${part(marker)}`));
    events.push(...body.Events);
    marker = body.NextMarker;
  } while (marker);
  return events;
}

export const succeed = (id, result) => send(callback(id, "succeed"), result);
export const fail = (id, text) =>
  send(callback(id, "fail"), JSON.stringify({ ErrorType: "Error", ErrorMessage: text || "The callback has failed." }));
export const pause = (arn) => send(execution(arn, "/pause"), "{}");
export const resume = (arn) => send(execution(arn, "/resume"), "{}");
export const stop = (arn) =>
  send(execution(arn, "/stop"), JSON.stringify({ ErrorType: "Stopped", ErrorMessage: "Stopped in the console" }));
