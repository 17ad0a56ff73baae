// What the page costs a browser: Lighthouse's mobile profile, and the start of the wasm on a CPU
// slowed down four times.
//
// Usage: node measure.mts SERVER [--runs 3] [--loads 7] [--json FILE]
//
// Medians of runs in turn. Ends with 0 if it could measure, whatever the figures are.

import { chromium } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { audit, blemishes, browser, flags, type Report, serve } from '../../end2end/lighthouse/audit.mts';

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    loads: { type: 'string', default: '7' },
    json: { type: 'string' },
  },
});
const [binary] = positionals;
if (!binary) throw new Error('which server?');

/** Times in milliseconds, as the page's own clock has them. */
interface Load {
  /** From the call that compiles and links the wasm to its instance. */
  instance: number;
  /** The synchronous call that hydrates. */
  start: number;
  /** That and what it left to do before the browser's next task: Leptos runs effects there. */
  settled: number;
  /** Tasks longer than 50 ms, up to 2 s after the load. */
  long: number;
}

/** Runs in the page before any script of it: puts clocks around the wasm's start. */
function watch() {
  const times: Load = { instance: NaN, start: NaN, settled: NaN, long: 0 };
  Object.assign(window, { times });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) times.long += task.duration;
  }).observe({ type: 'longtask', buffered: true });
  const original = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const asked = performance.now();
    const { module, instance } = await original(source, imports);
    times.instance = performance.now() - asked;
    // An instance's own exports can't be changed: wasm-bindgen's script gets a copy of them.
    const exports = { ...instance.exports };
    const hydrate = exports.hydrate as () => void;
    exports.hydrate = () => {
      const begun = performance.now();
      hydrate();
      times.start = performance.now() - begun;
      // Behind the microtasks that effects wait in, and those that these add: a task of its own.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        times.settled = performance.now() - begun;
        port1.close();
      };
      port2.postMessage(0);
    };
    return { module, instance: { exports } };
  };
}

/** Loads in fresh contexts, where nothing is cached, each until 2 s after the page has loaded. */
async function hydrations(url: string, slowdown: number, loads: number) {
  const chrome = await chromium.launch({ executablePath: browser, args: flags });
  try {
    const kept: Load[] = [];
    for (let load = 0; load < loads; load += 1) {
      // The phone's window of Lighthouse.
      const context = await chrome.newContext({ viewport: { width: 412, height: 823 } });
      const page = await context.newPage();
      await page.addInitScript(watch);
      // The empty page's process is another, and its successor's speed now and then the full one.
      await page.goto(`${url}/robots.txt`);
      const session = await context.newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
      await page.goto(url);
      await page.waitForFunction(() => 'times' in window && !isNaN((window.times as Load).settled));
      await pause(2_000);
      kept.push(await page.evaluate(() => (window as unknown as { times: Load }).times));
      await context.close();
    }
    return kept;
  } finally {
    await chrome.close();
  }
}

function median(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const figures: { what: string; is: number; target: number | null; least: number | null }[] = [];

/** Adds the median to the figures; `target` is the most that it may be, `least` the least. */
function figure(what: string, values: number[], target: number | null = null, least: number | null = null) {
  const is = median(values);
  figures.push({ what, is, target, least });
  const spread = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
  const wanted = least !== null ? `; target ≥ ${least}` : target !== null ? `; target ≤ ${target}` : '';
  console.log(`${what.padEnd(58)} ${is.toFixed(2).padStart(9)}  (${spread}${wanted})`);
}

// What a score may not be below. Times make the first one, so it is measured here and not tested; a
// test holds the others too (end2end/lighthouse).
const scores = { performance: 98, accessibility: 100, 'best-practices': 100, seo: 100 };

const { url, stop } = await serve(binary);
try {
  const reports: Report[] = [];
  for (let run = 0; run < Number(options.runs); run += 1) {
    reports.push(await audit(url, { onlyCategories: Object.keys(scores) }));
  }
  for (const [id, least] of Object.entries(scores)) {
    const points = reports.map((report) => (report.categories[id].score ?? 0) * 100);
    figure(`Lighthouse, ${reports[0].categories[id].title}`, points, null, least);
  }
  const metric = (id: string) => reports.map((report) => report.audits[id].numericValue ?? NaN);
  figure('Lighthouse, largest contentful paint (s)', metric('largest-contentful-paint').map((ms) => ms / 1000), 1);
  figure('Lighthouse, first contentful paint (s)', metric('first-contentful-paint').map((ms) => ms / 1000));
  figure('Lighthouse, speed index (s)', metric('speed-index').map((ms) => ms / 1000));
  figure('Lighthouse, total blocking time (ms)', metric('total-blocking-time'), 50);
  figure('Lighthouse, cumulative layout shift', metric('cumulative-layout-shift'));
  for (const slowdown of [1, 4]) {
    const loads = await hydrations(url, slowdown, Number(options.loads));
    const figureOf = (what: string, part: keyof Load, target?: number) =>
      figure(`${what}, CPU ÷ ${slowdown} (ms)`, loads.map((load) => load[part]), target);
    figureOf('hydration', 'start', slowdown === 4 ? 50 : undefined);
    figureOf('hydration and its effects', 'settled');
    figureOf('wasm, compiled and linked', 'instance');
    figureOf('tasks longer than 50 ms, together', 'long');
  }
  for (const blemish of blemishes(reports)) console.log(`below 1: ${blemish}`);
  if (options.json) writeFileSync(options.json, JSON.stringify({ figures }, null, 2) + '\n');
} finally {
  stop();
}
