// An HTTP request, written in its parts.

import { byId } from "./dom.js";
import { Editor } from "./editor.js";

const body = new Editor(byId("body"), byId("body-colours"));

function header(line) {
  const colon = line.indexOf(":");
  if (colon < 1) throw new Error(`A header is NAME: VALUE, and ${JSON.stringify(line.trim())} is not.`);
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

/** The request; an Error says which part of it is not one. */
export function request() {
  const path = byId("path").value.trim() || "/";
  return {
    method: byId("method").value,
    path: path.startsWith("/") ? path : `/${path}`,
    headers: byId("headers").value.split("\n").filter((line) => line.trim()).map(header),
    body: body.value,
  };
}
