// stdin: [[formula, isDisplay], …]; stdout: for each, the reader's complaint or null.
"use strict";

const { readFileSync } = require("node:fs");

exports.answer = function (complaint) {
  const formulas = JSON.parse(readFileSync(0, "utf8"));
  const complaints = formulas.map(([formula, isDisplay]) => complaint(formula, isDisplay));
  process.stdout.write(JSON.stringify(complaints));
};
