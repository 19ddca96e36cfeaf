// An HTTP request, written in its parts.

import { byId } from "./dom.js";
import { Editor } from "./editor.js";

const body = new Editor(byId("body"), byId("body-colours"));

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/; // what HTTP allows as a name

function header(line) {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon).trim();
  if (colon < 1 || !TOKEN.test(name)) {
    throw new Error(`Write a header as NAME: VALUE, not ${JSON.stringify(line.trim())}.`);
  }
  return [name, line.slice(colon + 1).trim()];
}

/** The request; an Error says which part of it is not one. */
export function request() {
  const path = byId("path").value.trim();
  if (/[^!-~]/.test(path)) {
    throw new Error("The path has spaces or other characters that are not allowed in a URL: encode them, as in %20.");
  }
  return {
    method: byId("method").value,
    path: path.startsWith("/") ? path : `/${path}`,
    headers: byId("headers").value.split("\n").filter((line) => line.trim()).map(header),
    body: body.value,
  };
}
