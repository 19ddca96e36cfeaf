// Small helpers for the page's elements. Texts are set as texts: nothing becomes markup.

export const byId = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function makeSvg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Show a text, and class names with it. */
export function say(id, text, names = "") {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
  element.className = names;
}

/**
 * Show pieces that only ever become more, and follow their end while the reader is there. The
 * pieces of something else (another key) take the place of all.
 */
export function showPieces(element, key, pieces, makePiece) {
  const follows = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
  if (element.dataset.key !== key || element.childNodes.length > pieces.length) {
    element.replaceChildren();
    element.dataset.key = key;
  }
  const fresh = pieces.slice(element.childNodes.length);
  if (!fresh.length) return;
  element.append(...fresh.map(makePiece));
  if (follows) element.scrollTop = element.scrollHeight;
}
