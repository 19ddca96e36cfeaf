// The event: picked from what is saved or from the samples, edited, checked, saved.

import * as api from "./api.js";
import { byId, make, say } from "./dom.js";
import { fault } from "./fault.js";
import { layOut } from "./json.js";

const text = byId("event");
const source = byId("source");
const OWN = "";

function check() {
  const message = fault(text.value);
  text.setAttribute("aria-invalid", String(Boolean(message)));
  byId("invoke").disabled = Boolean(message);
  if (message) say("check", message, "bad");
  else say("check", text.value.trim() ? "Valid JSON" : "Nothing is an empty object", "good");
}

/** The event's text. */
export const value = () => text.value;

/** Whether it is JSON. */
export const isValid = () => !fault(text.value);

/** Put an event into the editor. */
export function edit(event) {
  text.value = event;
  source.value = OWN;
  check();
}

async function pick() {
  if (source.value === OWN) return;
  const chosen = source.value;
  try {
    const event = await api.eventText(chosen);
    if (source.value !== chosen) return; // another was picked meanwhile
    text.value = fault(event) ? event : layOut(event);
    check();
  } catch (error) {
    say("check", error.message, "bad");
  }
}

const options = (label, entries) =>
  make("optgroup", { label }, ...entries.map(([path, name]) => make("option", { value: path }, name)));

/** Offer the events of a function, and put its own event.json into an empty editor. */
export async function offer(fn) {
  const [saved, samples] = await Promise.all([api.events(fn), api.samples()]);
  const groups = [];
  if (saved.length) groups.push(options("Saved", saved.map((name) => [api.savedPath(fn, name), name])));
  if (samples.length) groups.push(options("Samples", samples.map((name) => [api.samplePath(name), name])));
  source.replaceChildren(make("option", { value: OWN }, "Your own"), ...groups);
  if (saved.includes("event") && !text.value.trim()) {
    source.value = api.savedPath(fn, "event");
    await pick();
  }
}

/** Lay the text out, if it is JSON. */
export function format() {
  if (isValid()) text.value = layOut(text.value);
}

async function save(fn, name) {
  try {
    await api.save(fn, name, text.value);
    await offer(fn);
    source.value = api.savedPath(fn, name);
    say("check", `Saved as ${name}`, "good");
  } catch (error) {
    say("check", error.message, "bad");
  }
}

/** Ask for a name, and save the event of a function under it. */
export function askAndSave(fn) {
  if (!isValid()) return;
  const dialog = byId("save-dialog");
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "save") save(fn, byId("save-name").value);
  };
  dialog.showModal();
}

text.addEventListener("input", () => {
  source.value = OWN;
  check();
});
source.addEventListener("change", pick);
check();
