// Coloured JSON as elements. JSON within a string can be unfolded.

import { make } from "./dom.js";
import { isJson } from "./fault.js";
import { layOut, parts } from "./json.js";

const DEEPEST = 4; // levels of strings within strings
const COLOURED = 40_000; // characters; a browser is slow with more elements
const SHOWN = 200_000; // the same, of plain text
const CLIPPED = 120;

const span = ([kind, piece]) => (kind ? make("span", { className: kind }, piece) : piece);

/** The JSON within a string of JSON, if it is an object or an array; else null. */
function within(token) {
  if (!/^"\s*(?:\{|\[)/.test(token)) return null;
  const text = JSON.parse(token);
  return isJson(text) ? text : null;
}

function unfolding(token, text, depth) {
  const short = token.length > CLIPPED ? `${token.slice(0, CLIPPED)}…` : token;
  const summary = make("summary", { className: "string", title: "JSON within this string" }, short);
  const content = make("div", {});
  const details = make("details", { className: "nested" }, summary, content);
  details.addEventListener("toggle", () => {
    if (!content.childNodes.length) content.append(...elementsOf(text, depth + 1));
  });
  return details;
}

function elementsOf(text, depth) {
  return parts(layOut(text)).map((part) => {
    const [kind, piece] = part;
    const inner = kind === "string" && depth < DEEPEST ? within(piece) : null;
    return inner === null ? span(part) : unfolding(piece, inner, depth);
  });
}

/** The elements for a text: coloured JSON, or the beginning of any other text. */
export function view(text) {
  if (text.trim() && text.length < COLOURED && isJson(text)) return elementsOf(text, 0);
  const rest = text.length - SHOWN;
  if (rest <= 0) return [text];
  return [text.slice(0, SHOWN), make("span", { className: "omitted" }, `\n… ${rest} more characters`)];
}

/** The elements that colour a text while it is edited, with a mark at the fault. */
export function colour(text, place = null) {
  if (text.length >= COLOURED) return [text];
  if (place === null || place >= text.length) return parts(text).map(span);
  const end = place + (text.codePointAt(place) > 0xffff ? 2 : 1);
  const mark = make("mark", { className: "fault" }, text.slice(place, end));
  return [...parts(text.slice(0, place)).map(span), mark, ...parts(text.slice(end)).map(span)];
}
