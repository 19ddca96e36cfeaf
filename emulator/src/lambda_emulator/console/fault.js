// The place where a text stops being JSON, which not every browser's parser reports.

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const CLOSING = { "{": "}", "[": "]" };

/** The place of the first character that JSON does not allow there; the length, for a missing end. */
function placeOf(text) {
  const closers = [];
  let place = 0;
  let wanted = "value"; // or "key", ":", and "next" after a value
  let mayClose = false; // true while the object or array is empty

  function take(pattern) {
    pattern.lastIndex = place;
    const found = pattern.test(text);
    if (found) place = pattern.lastIndex;
    return found;
  }

  while (take(SPACE) && place < text.length) {
    const character = text[place];
    if (closers.length && character === closers.at(-1) && (mayClose || wanted === "next")) {
      closers.pop();
      wanted = "next";
      mayClose = false;
      place += 1;
    } else if (wanted === "value" && character in CLOSING) {
      closers.push(CLOSING[character]);
      wanted = character === "{" ? "key" : "value";
      mayClose = true;
      place += 1;
    } else if (wanted === "value" && (take(STRING) || take(SCALAR))) {
      wanted = "next";
      mayClose = false;
    } else if (wanted === "key" && take(STRING)) {
      wanted = ":";
      mayClose = false;
    } else if (wanted === ":" && character === ":") {
      wanted = "value";
      place += 1;
    } else if (wanted === "next" && character === "," && closers.length) {
      wanted = closers.at(-1) === "}" ? "key" : "value";
      place += 1;
    } else {
      break;
    }
  }
  return place;
}

/** The place and the reason of a fault, or null. The emulator takes an empty text for `{}`. */
export function faultOf(text) {
  if (!text.trim()) return null;
  try {
    JSON.parse(text);
    return null;
  } catch {
    const place = placeOf(text);
    const lines = text.slice(0, place).split("\n");
    const here = `Line ${lines.length}, column ${lines.at(-1).length + 1}`;
    const character = String.fromCodePoint(text.codePointAt(place) ?? 32);
    const reason = place < text.length ? `${character} cannot be here` : "the end is missing";
    return { place, message: `${here}: ${reason}` };
  }
}

export const isJson = (text) => !faultOf(text);
