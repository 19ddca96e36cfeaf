// Numbers and times as people read them.

export const milliseconds = (value) =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 100 ? 2 : 0)} ms`;

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  return count < 1024 ** 2 ? `${(count / 1024).toFixed(1)} KB` : `${(count / 1024 ** 2).toFixed(1)} MB`;
}

export const clock = (time) => new Date(time).toLocaleTimeString(undefined, { hour12: false });
