// Lighthouse's view of the release binary: for the test beside this, and for benches/browser.

import { killAll, launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { record } from '../past.ts';

// As in end2end/playwright.config.ts; and no name but the server's address leads anywhere.
export const browser = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

// Server and browser end with this process, whether it is done, throws or is told to end. The browser
// is in a process group of its own, which Ctrl-C does not reach.
const servers = new Set<() => void>();
process.once('exit', () => {
  for (const stop of servers) stop();
  killAll();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/**
 * The server with live rates and a day of them: a page that shows the sample has a banner that others
 * don't have, and one without a history has no lines to draw.
 */
export async function serve(binary: string) {
  const sample = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../src/sources/sample.json'), 'utf8'));
  let hoursAgo = 0;
  const upstream = createServer((_, response) => {
    const body = structuredClone(sample);
    // Each goes its own way.
    Object.keys(body.rates).forEach((code, place) => {
      if (!['btc', 'bits', 'sats'].includes(code)) {
        body.rates[code].value *= 1 + 0.02 * Math.sin(hoursAgo * (1 + (place % 7) / 5) + place);
      }
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/api/v3`;
  const folder = mkdtempSync(path.join(tmpdir(), 'crypto-rates-'));
  servers.add(() => rmSync(folder, { recursive: true, force: true }));
  for (hoursAgo = 24; hoursAgo > 0; hoursAgo -= 1) {
    await record(path.resolve(binary), address, folder, hoursAgo * 60 - 2);
  }
  const child = spawn(path.resolve(binary), {
    cwd: tmpdir(),
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      RATES_SOURCES: 'coingecko',
      COINGECKO_URL: address,
      STORE_URL: `file://${folder}`,
      LOG_FORMAT: 'json',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => {
    child.kill('SIGKILL');
    upstream.closeAllConnections();
    upstream.close();
    servers.delete(stop);
  };
  servers.add(stop);
  let log = '';
  const url = await new Promise<string>((found, lost) => {
    child.once('error', lost);
    child.once('exit', () => lost(new Error(`the server ended:\n${log}`)));
    child.stdout.on('data', (chunk) => {
      log += chunk;
      const match = /"address":"(http:[^"]+)"/.exec(log);
      if (match) found(match[1]);
    });
  });
  const deadline = Date.now() + 60_000;
  // What is an hour old is replaced first.
  while ((await (await fetch(`${url}/api/rates`)).json()).cache_status !== 'fresh') {
    if (Date.now() > deadline) throw new Error(`the server has no rates:\n${log}`);
    await pause(50);
  }
  return { url, stop };
}

export type Report = NonNullable<Awaited<ReturnType<typeof lighthouse>>>['lhr'];

/** What is asked of Lighthouse: whole categories, and single audits beside them. */
export interface Questions {
  onlyCategories: string[];
  onlyAudits?: string[];
}

/**
 * One run on Lighthouse's default profile, a slow phone, in a browser of its own; once more where there
 * was no report, as happens on a busy machine. Whatever a report says, it counts.
 */
export async function audit(url: string, questions: Questions, tries = 3): Promise<Report> {
  try {
    return await run(url, questions);
  } catch (error) {
    if (tries <= 1) throw error;
    console.log(`once more: ${error}`);
  }
  return audit(url, questions, tries - 1);
}

async function run(url: string, questions: Questions) {
  try {
    const { port } = await launch({
      chromePath: browser,
      // The page in the process of the empty page before it: that of a new one is now and then traced
      // too late to see the navigation (NO_NAVSTART).
      chromeFlags: [...flags, '--renderer-process-limit=1'],
      handleSIGINT: false,
    });
    const late = pause(120_000, undefined, { ref: false }).then(() => {
      throw new Error('Lighthouse: no report in two minutes');
    });
    const result = await Promise.race([lighthouse(url, { port, logLevel: 'error', ...questions }), late]);
    if (!result) throw new Error('Lighthouse: no report');
    const { runtimeError, categories, audits } = result.lhr;
    if (runtimeError) throw new Error(`Lighthouse: ${runtimeError.message}`);
    // A category has no score if an audit that counts for it failed.
    if (Object.values(categories).some(({ score }) => score === null)) {
      const failed = Object.values(audits).filter(({ scoreDisplayMode }) => scoreDisplayMode === 'error');
      throw new Error(`Lighthouse: ${failed.map(({ id, errorMessage }) => `${id}: ${errorMessage}`).join('; ')}`);
    }
    return result.lhr;
  } finally {
    // Also one that was launched and did not answer.
    killAll();
  }
}

/** What an audit found, in one line. */
export function findings({ displayValue, title, details }: Report['audits'][string]) {
  const items = details && 'items' in details ? JSON.stringify(details.items) : '';
  return `${displayValue || title} ${items.length > 300 ? `${items.slice(0, 300)}…` : items}`;
}

/**
 * What is not perfect in any run, and why: a noisy run has blemishes that the page has not. Those of
 * no weight are hints that no score counts.
 */
export function* blemishes(reports: Report[], hints = true) {
  const [{ categories, audits }] = reports;
  for (const category of Object.values(categories)) {
    for (const { id, weight } of category.auditRefs) {
      if (weight === 0 && !hints) continue;
      const scores = reports.map((report) => report.audits[id].score);
      if (scores.some((score) => score === null || score === 1)) continue;
      yield `${category.id}/${id} (weight ${weight}): ${scores.join(', ')}; ${findings(audits[id])}`;
    }
  }
}
