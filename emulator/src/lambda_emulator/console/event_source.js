// The choice of an event: saved ones of the function, and samples. It also saves events.

import * as api from "./api.js";
import { byId, make, say } from "./dom.js";
import { isJson } from "./fault.js";
import { layOut } from "./json.js";

const OWN = "";
const source = byId("source");
const search = byId("search");

const option = ([path, name]) => make("option", { value: path }, name);
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");

export class EventSourcePicker {
  #editor;
  #groups = []; // [label, [path, name] ...]
  #isOwn = false; // true if the user wrote the text
  #fn = "";
  #hasEvent = false; // true if the function has had its first event
  #drafts = new Map(); // by function: the text before the user picked another function

  constructor(editor) {
    this.#editor = editor;
    source.addEventListener("change", () => this.#pick());
    search.addEventListener("input", () => this.#filter());
    search.addEventListener("keydown", (event) => this.#takeFirst(event));
  }

  /** Mark the text as the user's, or as another invocation's. */
  own() {
    source.value = OWN;
    this.#isOwn = Boolean(this.#editor.value.trim());
  }

  /** Turn to a function; what is written from now on is for it. */
  turnTo(fn) {
    if (this.#fn === fn) return;
    if (this.#fn) {
      if (this.#isOwn) this.#drafts.set(this.#fn, this.#editor.value);
      this.#isOwn = false;
    }
    this.#fn = fn;
    this.#hasEvent = false;
  }

  /** Offer the events of the function, and start with the draft or the likeliest event. */
  async offer(sample) {
    const fn = this.#fn;
    const [saved, groups] = await Promise.all([api.events(fn), api.sampleGroups()]);
    if (this.#fn !== fn) return; // another was picked meanwhile
    this.#groups = [
      ["Saved", saved.map((name) => [api.savedPath(fn, name), name])],
      ...Object.entries(groups).map(([group, names]) => [
        group,
        names.map((name) => [api.samplePath(name), name]),
      ]),
    ];
    this.#filter();
    if (this.#hasEvent) return;
    this.#hasEvent = true;
    if (this.#isOwn) return; // somebody was faster
    const likeliest = sample && api.samplePath(sample);
    await this.#begin(fn, saved.includes("event") ? api.savedPath(fn, "event") : likeliest);
  }

  async #begin(fn, likeliest) {
    const draft = this.#drafts.get(fn);
    if (draft !== undefined) {
      this.#editor.value = draft;
      this.own();
    } else if (likeliest) {
      source.value = likeliest;
      await this.#pick();
    } else {
      this.#editor.value = ""; // the event of the function before
      source.value = OWN;
    }
  }

  #matches() {
    const wanted = plain(search.value);
    return this.#groups
      .map(([label, entries]) => {
        const isGroup = wanted && plain(label).includes(wanted);
        return [label, entries.filter(([, name]) => isGroup || plain(name).includes(wanted))];
      })
      .filter(([, entries]) => entries.length);
  }

  #filter() {
    const { value } = source;
    const groups = this.#matches();
    source.replaceChildren(
      option([OWN, "Your own"]),
      ...groups.map(([label, entries]) => make("optgroup", { label }, ...entries.map(option))),
    );
    const paths = groups.flatMap(([, entries]) => entries.map(([path]) => path));
    source.value = paths.includes(value) ? value : OWN;
    const isSearching = Boolean(search.value.trim());
    say("found", isSearching ? `${paths.length} found` : "", "unseen");
    search.setAttribute("aria-invalid", String(isSearching && !paths.length));
  }

  async #takeFirst(event) {
    if (event.ctrlKey || event.metaKey || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "ArrowDown") {
      source.focus();
      return;
    }
    const first = search.value.trim() && this.#matches()[0]?.[1][0]?.[0];
    if (!first) return;
    source.value = first;
    await this.#pick();
    search.value = "";
    this.#filter();
  }

  async #pick() {
    const chosen = source.value;
    if (chosen === OWN) return;
    try {
      const event = await api.eventText(chosen);
      if (source.value !== chosen) return; // another was picked meanwhile
      this.#isOwn = false;
      this.#editor.value = isJson(event) ? layOut(event) : event;
    } catch (error) {
      say("check", error.message, "bad");
    }
  }

  async #save(fn, name) {
    try {
      await api.save(fn, name, this.#editor.value);
      await this.offer();
      source.value = api.savedPath(fn, name);
      say("check", `Saved as ${name}`, "good");
    } catch (error) {
      say("check", error.message, "bad");
    }
  }

  /** Ask for a name, and save the event of a function under it. */
  askAndSave(fn) {
    if (!this.#editor.isValid) return;
    const dialog = byId("save-dialog");
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue === "save") this.#save(fn, byId("save-name").value);
    };
    dialog.showModal();
  }
}
