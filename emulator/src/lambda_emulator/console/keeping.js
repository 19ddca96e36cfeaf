// The history outlives the page: the newest invocations are kept by the browser.

const KEY = "lambda-emulator history";
const TEXT = 20_000; // characters of each text

const cut = (text) => (text.length > TEXT ? `${text.slice(0, TEXT)}…` : text);

function shortened(record) {
  let room = TEXT;
  const log = record.log.filter(({ text }) => (room -= text.length) > 0);
  const answer = record.answer && { ...record.answer, text: cut(record.answer.text) };
  const chunks = record.chunks.slice(0, 100).map((chunk) => ({ ...chunk, text: cut(chunk.text) }));
  return { ...record, log, answer, chunks };
}

/** Keep what has ended; of a full store the oldest half is given up. */
export function keep(records) {
  // An event that would have to be cut could not be run again.
  const ended = records.filter(({ report, event }) => report && event.length <= TEXT);
  let kept = ended.map(shortened);
  while (true) {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
      return;
    } catch {
      if (!kept.length) return; // the browser keeps nothing at all
      kept = kept.slice(0, Math.floor(kept.length / 2));
    }
  }
}

/** What was kept of functions that are served, oldest first. */
export function kept(names) {
  try {
    const records = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return records.filter(({ fn }) => names.includes(fn)).reverse();
  } catch {
    return [];
  }
}
