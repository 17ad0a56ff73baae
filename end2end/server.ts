// The release binary with a stand-in for its sources over real HTTP, one pair for each test.

import { test as base, expect, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '..');
export const binary = path.join(root, 'target/release/crypto-rates');
const sample = readFileSync(path.join(root, 'src/sources/sample.json'), 'utf8');

/** Answers as CoinGecko does, or fails as told; beside it, as Coinbase, which never fails. */
export class Upstream {
  /** Values that differ from the sample, by code. */
  values: Record<string, number> = {};
  failing = false;
  /** What the answer leaves out, by code. */
  missing: string[] = [];
  calls = 0;
  /** The rupiah moves by its last digit at each call, as markets do; rates that never change would grow old. */
  private moves = 0;
  /** What Coinbase does not have. */
  lacks = ['eur', 'xdr'];
  private server: Server | undefined;
  url = '';

  async start() {
    this.server = createServer((request, response) => {
      this.moves += 0.001;
      if (request.url?.startsWith('/v2/')) {
        const rates: Record<string, string> = {};
        for (const [code, rate] of Object.entries<{ value: number }>(JSON.parse(sample).rates)) {
          const value = rate.value + (code === 'idr' ? this.moves : 0);
          if (!this.lacks.includes(code)) rates[code.toUpperCase()] = String(value);
        }
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ data: { currency: 'BTC', rates } }));
        return;
      }
      // What the server asks for beside the rates: nothing is known of the past here.
      if (!request.url?.endsWith('/exchange_rates')) {
        response.writeHead(404).end();
        return;
      }
      this.calls += 1;
      if (this.failing) {
        response.writeHead(503).end();
        return;
      }
      const body = JSON.parse(sample);
      body.rates.idr.value += this.moves;
      for (const [code, value] of Object.entries(this.values)) body.rates[code].value = value;
      for (const code of this.missing) delete body.rates[code];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((done) => this.server!.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v3`;
  }

  stop() {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

/** The server under test. */
export class Rates {
  readonly upstream = new Upstream();
  private child: ChildProcess | undefined;
  /** Taken at the first start and kept, so that a page finds a restarted server again. */
  private port = '0';
  private basePath = '';

  get url() {
    return `http://127.0.0.1:${this.port}${this.basePath}`;
  }

  /** Starts with these variables; waits for rates unless told not to. */
  async start(variables: Record<string, string> = {}, ready = true) {
    const child = spawn(binary, {
      cwd: tmpdir(),
      env: {
        HOST: '127.0.0.1',
        PORT: this.port,
        COINGECKO_URL: this.upstream.url,
        COINBASE_URL: this.upstream.url.replace('/api/v3', '/v2'),
        LOG_FORMAT: 'json',
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    let log = '';
    const address = await new Promise<string>((found, lost) => {
      child.once('exit', () => lost(new Error(`the server ended:\n${log}`)));
      child.stdout.on('data', (chunk) => {
        log += chunk;
        const match = /"address":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(log);
        if (match) found(match[1]);
      });
    });
    this.port = address;
    this.basePath = variables.BASE_PATH ?? '';
    if (ready) {
      const status = async () => (await fetch(`${this.url}/health/ready`)).status;
      await expect.poll(status, { intervals: [20, 50, 100] }).toBe(200);
    }
  }

  /** Waits until the server has taken over what the stand-in says now. */
  async waitFor(code: string, value: number) {
    await expect
      .poll(async () => (await (await fetch(`${this.url}/api/rates/${code}`)).json()).value)
      .toBe(value);
  }

  /** Connections are still accepted, by the system, and nothing is answered. */
  freeze() {
    this.child!.kill('SIGSTOP');
  }

  thaw() {
    this.child!.kill('SIGCONT');
  }

  async stop() {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }
}

interface Fixtures {
  rates: Rates;
  /** What the browser's console said; empty unless the test says what it expects. */
  said: string[];
  expectSilence: boolean;
}

export const test = base.extend<Fixtures>({
  rates: async ({}, use) => {
    const rates = new Rates();
    await rates.upstream.start();
    await use(rates);
    await rates.stop();
    rates.upstream.stop();
  },
  // A test with a server that goes away expects the browser to complain of it.
  expectSilence: [true, { option: true }],
  said: [
    // Listens until the server goes away at the end of the test, and not longer.
    async ({ page, rates: _, expectSilence }, use) => {
      const said: string[] = [];
      page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => said.push(`error: ${error.message}`));
      await use(said);
      if (expectSilence) expect(said).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The page is taken over by the browser once its clock runs. */
export async function hydrated(page: Page) {
  await expect(page.locator('.countdown')).toContainText(/in \d|soon|Gleich/);
}

/**
 * The page's clock stands still from now on, and goes on where a test says so: however long the machine
 * takes for what comes next, no time passes. It must have been installed before the page was loaded.
 */
export async function standStill(page: Page) {
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
}

/** Readers have fonts of different widths. */
export const fonts = { usual: 'Liberation Sans', wide: 'DejaVu Sans' };

/** This reader has none but `font`. */
export async function write(page: Page, font: string) {
  await page.route('**/*.css', async (route) => {
    const style = await (await fetch(route.request().url())).text();
    await route.fulfill({ contentType: 'text/css', body: `${style} :root { --bs-body-font-family: "${font}"; }` });
  });
}
