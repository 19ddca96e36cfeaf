// Edits JSON in a text area. An element behind it shows the same text in colours.

import { faultOf } from "./fault.js";
import { layOut } from "./json.js";
import { colour } from "./json_view.js";

export class Editor {
  #text;
  #colours;
  #onChange;

  /** Edit in a text area; `onChange` is called with the text, its fault or null, and true if the user typed it. */
  constructor(text, colours, onChange = () => {}) {
    this.#text = text;
    this.#colours = colours;
    this.#onChange = onChange;
    text.addEventListener("input", () => this.#changed(true));
    text.addEventListener("keydown", (event) => this.#indent(event));
    this.#changed(false);
  }

  get value() {
    return this.#text.value;
  }

  set value(text) {
    this.#text.value = text;
    this.#changed(false);
  }

  get isValid() {
    return !faultOf(this.value);
  }

  focus() {
    this.#text.focus();
  }

  /** Format the text if it is JSON. The user can undo it. */
  format() {
    if (!this.value.trim() || !this.isValid) return;
    this.#text.focus();
    this.#text.select();
    document.execCommand("insertText", false, layOut(this.value));
    this.#text.setSelectionRange(0, 0);
  }

  #changed(typed) {
    const fault = faultOf(this.value);
    // The last line of a text area counts even if it is empty.
    this.#colours.replaceChildren(...colour(this.value, fault?.place), "\n");
    this.#onChange(this.value, fault, typed);
  }

  /** Indent a new line as the one before, and deeper after a bracket. */
  #indent(event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (event.key !== "Enter" || !isPlain || event.isComposing) return;
    const before = this.value.slice(0, this.#text.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const deeper = /[{[]\s*$/.test(line) ? "  " : "";
    const indent = /^\s*/.exec(line)[0] + deeper;
    if (!indent) return;
    event.preventDefault();
    document.execCommand("insertText", false, `\n${indent}`);
  }
}
