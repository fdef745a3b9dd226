"use strict";

const katex = require("katex");
const { answer } = require("./formulas.js");

// KaTeX only warns where it lacks a character's metrics; the formula is then badly set.
let warnings = [];
console.warn = (...parts) => warnings.push(parts.join(" "));

answer((formula, isDisplay) => {
  warnings = [];
  try {
    katex.renderToString(formula, { displayMode: isDisplay, throwOnError: true, strict: "error", trust: false });
  } catch (error) {
    return error.message;
  }
  return warnings.length ? warnings.join("; ") : null;
});
