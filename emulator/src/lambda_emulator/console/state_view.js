// The emulator itself: its environments, queues and event sources, looked at every while.

import * as api from "./api.js";
import { byId, make } from "./dom.js";
import { showSources } from "./sources_view.js";

const EVERY = 2000; // milliseconds
const SOON = 150; // after something has happened

const LOOKS = { busy: "busy", starting: "busy", stopped: "muted" };

const cell = (text) => make("td", {}, text);
const number = (text) => make("td", { className: "number" }, text);
const state = (word) => make("td", { className: LOOKS[word] ?? "" }, word);

const environment = (each) =>
  make(
    "tr",
    {},
    cell(each.function),
    state(each.active > 1 ? `busy, ${each.active} at a time` : each.state),
    number(each.pid ?? ""),
    number(each.memory_mb === null ? "" : `${each.memory_mb} of ${each.memory_limit_mb} MB`),
    cell(each.tenant_id ?? ""),
  );

const queue = (each) =>
  make("tr", {}, cell(each.function), number(each.waiting), number(each.running), number(each.delayed));

const served = ({ name, url }) => {
  // A browser opens what HTTP reaches.
  const address = url.startsWith("http") ? make("a", { href: url }, url) : url;
  return make("tr", {}, cell(name), make("td", {}, address));
};

let shown = "";
let timer = 0;

function show({ environments, queues, sources, triggers, apis = [] }) {
  byId("environments").replaceChildren(...environments.map(environment));
  byId("queues").replaceChildren(...queues.map(queue));
  byId("apis").replaceChildren(...apis.map(served));
  byId("apis-part").hidden = !apis.length;
  showSources(sources, triggers);
}

async function look() {
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
  if (document.hidden) return;
  try {
    const now = await api.state();
    const text = JSON.stringify(now);
    if (text !== shown) show(now);
    shown = text;
  } catch {
    // the page shows already that the emulator is away
  }
}

/** Load the state soon, because something has happened, and then regularly. */
export function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(look, SOON);
}

/** Stop loading the state until something happens. */
export function pause() {
  clearTimeout(timer);
}
