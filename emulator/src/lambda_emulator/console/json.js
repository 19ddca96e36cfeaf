// JSON as text: laid out and coloured without a change to any value.

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

const DEEPEST = 50; // levels that are indented: a text would grow with the square of its depth

/** JSON with a line for each value. Numbers and strings stay as they are written. */
export function layOut(text) {
  const tokens = text.match(TOKENS) ?? [];
  let depth = 0;
  let result = "";
  tokens.forEach((token, index) => {
    const last = tokens[index - 1];
    const opened = last === "{" || last === "[";
    const closes = token === "}" || token === "]";
    if (closes) depth -= 1;
    if ((opened && !closes) || last === "," || (closes && !opened)) {
      result += `\n${"  ".repeat(Math.min(depth, DEEPEST))}`;
    }
    result += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth += 1;
  });
  return result;
}

/** The parts of laid out JSON, each as [what it is, its text]. */
export function parts(text) {
  const result = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [token] = match;
    result.push(["", text.slice(end, match.index)]);
    end = match.index + token.length;
    const isKey = token[0] === '"' && /^\s*:/.test(text.slice(end, end + 8));
    const kind = isKey ? "key" : token[0] === '"' ? "string" : /[\w-]/.test(token[0]) ? "literal" : "";
    result.push([kind, token]);
  }
  result.push(["", text.slice(end)]);
  return result.filter(([, piece]) => piece);
}
