// The theme: the system's, or the one that was chosen. It is set before anything is painted.
"use strict";

{
  const KEY = "lambda-emulator theme";
  const root = document.documentElement;

  const read = () => {
    try {
      return localStorage.getItem(KEY) ?? "";
    } catch {
      return ""; // the browser keeps nothing
    }
  };

  const apply = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  apply(read());
  addEventListener("DOMContentLoaded", () => {
    const picker = document.getElementById("theme");
    picker.value = read();
    picker.addEventListener("change", () => {
      apply(picker.value);
      try {
        localStorage.setItem(KEY, picker.value);
      } catch {
        // it counts until the page is left
      }
    });
  });
}
