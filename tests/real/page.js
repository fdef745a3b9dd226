"use strict";

// Reads [{path, width, scheme, rules}] and answers what Chromium makes of each page, in the same order.

const { chromium } = require("playwright-core");
const axe = require("axe-core").source;
const { text } = require("node:stream/consumers");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
];

/** In the page: what is wrong with its layout, as lists of words. */
function layout() {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (alpha > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = (element) => {
    const [dark, light] = [numbers(getComputedStyle(element).color).slice(0, 3), behind(element)].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest(".unseen")) continue;
    seen += 1;
    const value = contrast(element);
    if (value < 4.5) faint.add(`${value.toFixed(2)} ${element.localName}.${element.className.baseVal ?? element.className}: ${element.textContent.slice(0, 40)}`);
  }
  const crooked = [];
  const scrolling = [];
  for (const display of document.querySelectorAll(".display")) {
    const start = display.getBoundingClientRect().left;
    const places = [];
    for (const math of display.querySelectorAll("math")) {
      const relation = math.children[1];
      if (relation?.localName === "mo") places.push(relation.getBoundingClientRect().left);
      const left = math.querySelector(".left > mrow")?.getBoundingClientRect();
      if (left && (left.left < start - 0.5 || left.right > relation.getBoundingClientRect().left + 0.5)) crooked.push(`left side: ${math.textContent}`);
    }
    if (Math.max(...places) - Math.min(...places) > 0.6) crooked.push(`relations at ${places.map((x) => x.toFixed(1))}: ${display.textContent.slice(0, 60)}`);
    if (display.scrollWidth > display.clientWidth) scrolling.push(`${display.scrollWidth} > ${display.clientWidth}: ${display.textContent.slice(0, 80)}`);
  }
  const root = document.scrollingElement;
  return {
    seen,
    faint: [...faint],
    crooked,
    scrolling,
    overflow: root.scrollWidth - root.clientWidth,
    fonts: [...document.fonts].map((font) => `${font.family} ${font.status}`),
  };
}

async function look(browser, { path, width, scheme, rules }) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  const messages = [];
  const requests = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`file://${path}`);
  await page.evaluate(() => document.fonts.ready);
  const found = await page.evaluate(layout);
  const fetched = requests.slice(1).filter((url) => !url.startsWith("data:"));
  const said = [...messages];
  if (rules) await page.evaluate(axe);
  // axe reads no MathML, so a table header that is a formula is empty to it.
  const { violations } = rules ? await page.evaluate(() => axe.run({ rules: { "empty-table-header": { enabled: false } } })) : { violations: [] };
  await context.close();
  const broken = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`);
  return { ...found, messages: said, fetched, rules: broken };
}

(async () => {
  const pages = JSON.parse(await text(process.stdin));
  const browser = await chromium.launch({ executablePath: process.argv[2], args: FLAGS });
  const answers = [];
  for (const page of pages) answers.push(await look(browser, page));
  await browser.close();
  process.stdout.write(JSON.stringify(answers));
})();
