// The invocation as text to paste elsewhere: for curl, for boto3, as a test.

import { layOut, parts } from "./json.js";

const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const python = (text) => JSON.stringify(text).replaceAll("\u007f", "\\x7f");
const LITERALS = { true: "True", false: "False", null: "None" };

/** JSON as an expression of Python. */
export function literal(text) {
  return parts(layOut(text.trim() || "{}"))
    .map(([kind, piece]) => {
      if (kind === "key" || kind === "string") return python(JSON.parse(piece));
      return kind === "literal" ? (LITERALS[piece] ?? piece) : piece;
    })
    .join("");
}

const indented = (text, spaces) => text.replaceAll("\n", `\n${" ".repeat(spaces)}`);

function curlRequest({ fn, origin, request }) {
  const { method, path, headers, body } = request;
  const lines = [`curl -gi --path-as-is ${shell(`${origin}/lambda-url/${fn}${path}`)}`];
  if (method === "HEAD") lines.push("-I");
  else lines.push(`-X ${method}`);
  for (const [name, value] of headers) lines.push(`-H ${shell(value ? `${name}: ${value}` : `${name};`)}`);
  // Without it, curl would send a type of its own.
  if (body && !headers.some(([name]) => name.toLowerCase() === "content-type")) lines.push("-H 'Content-Type:'");
  if (body) lines.push(`--data-raw ${shell(body)}`);
  return lines.join(" \\\n  ");
}

function curl(what) {
  const { fn, origin, kind, event, request } = what;
  if (request) return curlRequest(what);
  const data = `--data-raw ${shell(event.trim() || "{}")}`;
  if (kind === "Stream") {
    const url = `${origin}/2021-11-15/functions/${fn}/response-streaming-invocations`;
    return `curl -N --output - ${url} \\\n  ${data}`;
  }
  const header = kind === "Event" ? "-H 'X-Amz-Invocation-Type: Event' \\\n  " : "";
  return `curl ${origin}/2015-03-31/functions/${fn}/invocations \\\n  ${header}${data}`;
}

const READ = {
  RequestResponse: ["invoke", "", 'print(response["Payload"].read().decode())'],
  Event: ["invoke", '    InvocationType="Event",\n', 'print(response["StatusCode"])'],
  Stream: [
    "invoke_with_response_stream",
    "",
    `for part in response["EventStream"]:
    if "PayloadChunk" in part:
        print(part["PayloadChunk"]["Payload"].decode(errors="replace"), end="")`,
  ],
};

function boto3({ fn, origin, region, kind, event }) {
  const [method, option, read] = READ[kind];
  return `import json

import boto3

client = boto3.client(
    "lambda",
    endpoint_url=${python(origin)},
    region_name=${python(region)},
    aws_access_key_id="local",
    aws_secret_access_key="local",
)
event = ${literal(event)}
response = client.${method}(
    FunctionName=${python(fn)},
${option}    Payload=json.dumps(event),
)
${read}
`;
}

function test({ handler, event, answer }) {
  const value = indented(literal(event), 4);
  const check = answer === null ? "assert result.ok" : `assert result.value == ${indented(literal(answer), 4)}`;
  if (handler.module === null) {
    return `def test_the_program(lambda_process):
    event = ${value}
    result = lambda_process(${python(handler.target)}).invoke(event)
    ${check}
`;
  }
  return `from ${handler.module} import ${handler.name}


def test_${handler.name.replaceAll(/\W/g, "_")}(invoke):
    event = ${value}
    result = invoke(${handler.name}, event)
    ${check}
`;
}

const SNIPPETS = { curl, boto3, test };

/**
 * The invocation as a snippet, from `fn`, `origin`, `region`, `kind`, `event`, the HTTP `request` if
 * there is one, the `handler`, and its last `answer` to the same event or null.
 */
export const snippet = (name, what) => SNIPPETS[name](what);

/** Copy a text to the clipboard, also in pages whose address a browser does not trust. */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  if (!done) throw new Error("The browser does not let this page use the clipboard.");
}
