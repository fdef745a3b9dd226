"use strict";

const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
const { STATE } = require("mathjax-full/js/core/MathItem.js");
require("mathjax-full/js/input/tex/base/BaseConfiguration.js");
require("mathjax-full/js/input/tex/ams/AmsConfiguration.js");
require("mathjax-full/js/input/tex/color/ColorConfiguration.js");
const { answer } = require("./formulas.js");

RegisterHTMLHandler(liteAdaptor());
// A page loads `color` by itself where it is used. Without `noundefined` an unknown command is an error, not red text.
const page = mathjax.document("", { InputJax: new TeX({ packages: ["base", "ams", "color"] }) });

answer((formula, isDisplay) => {
  let error = null;
  try {
    const root = page.convert(formula, { display: isDisplay, end: STATE.COMPILED });
    root.walkTree((node) => {
      if (node.isKind("merror")) error ??= node.attributes.get("data-mjx-error") ?? "merror";
    });
  } catch (thrown) {
    error = thrown.message;
  } finally {
    page.reset();
  }
  return error;
});
