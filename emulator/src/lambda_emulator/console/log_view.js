// Shows a log with its levels and fields, and only the lines that match the filter.

import { make } from "./dom.js";
import { isAtLeast } from "./log_lines.js";

const ALL = { level: -1, search: "" };

const matches = (line, { level, search }) =>
  (level < 0 || isAtLeast(line, level)) && line.text.toLowerCase().includes(search);

const clock = (time) => /T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(time ?? "")?.[1];

function element(line) {
  const pieces = [];
  const time = clock(line.time);
  if (time) pieces.push(make("span", { className: "time", title: line.time }, time), " ");
  if (line.name) pieces.push(make("span", { className: `level level-${line.level}` }, line.name), " ");
  const tone = !line.name && line.level >= 3 ? `level-${line.level}` : "";
  pieces.push(make("span", { className: tone }, line.message));
  for (const [name, value] of line.fields) {
    pieces.push(" ", make("span", { className: "field-name" }, `${name}=`), value);
  }
  return make("span", { className: line.platform ? "line platform" : "line" }, ...pieces, "\n");
}

/** Show lines, and scroll with their end while the reader is there. Return the number shown. */
export function showLog(pre, owner, { lines, dropped }, filter = ALL) {
  const follows = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
  const key = [owner, dropped, filter.level, filter.search].join();
  const wanted = lines.filter((line) => matches(line, filter));
  const keys = wanted.map((line) => String(line.key));
  if (pre.dataset.key !== key) pre.replaceChildren();
  pre.dataset.key = key;
  // A line that has grown is replaced, with all lines after it.
  const have = [...pre.childNodes].map((node) => node.dataset.line);
  let same = 0;
  while (same < have.length && have[same] === keys[same]) same += 1;
  if (same === have.length && same === keys.length) return wanted.length;
  for (const node of [...pre.childNodes].slice(same)) node.remove();
  const fresh = wanted.slice(same).map((line) => {
    const node = element(line);
    node.dataset.line = line.key;
    return node;
  });
  pre.append(...fresh);
  if (follows) pre.scrollTop = pre.scrollHeight;
  return wanted.length;
}
