// An earlier release, as far as its page is concerned: fixtures/README.md says how its answers were recorded.

import { type Page, type Route } from '@playwright/test';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What `GET /fn/latest` takes; anything else is refused. */
const PARAMETERS = ['have', 'base', 'symbol', 'span'];

export class Earlier {
  /** Whether the page and its files are those of the earlier release. */
  servesPage = false;
  /** How it answers to the page's questions, if the server under test is not to answer them. */
  answers: 'not' | 'with rates' | 'without rates' = 'not';
  readonly build: string;
  private readonly folder: string;

  constructor(name: string) {
    this.folder = path.join(__dirname, 'fixtures', name);
    this.build = JSON.parse(this.recorded('latest').body.toString()).build;
  }

  /** When the answers were recorded, in milliseconds. */
  get time(): number {
    return 1000 * JSON.parse(this.recorded('latest').body.toString()).server_time;
  }

  /** Stands before the server under test. What the earlier release is not asked goes on to that server. */
  async standBefore(page: Page) {
    // Of the context, because a page's worker asks, too.
    await page.context().route('**/*', async (route) => {
      const name = this.answerTo(route);
      if (name) await route.fulfill(this.recorded(name));
      else await route.fallback();
    });
  }

  private answerTo(route: Route): string | undefined {
    const request = route.request();
    const { pathname, searchParams } = new URL(request.url());
    if (this.answers !== 'not' && pathname === '/fn/latest' && request.method() === 'GET') {
      const names = [...searchParams.keys()];
      const known = names.every((name) => PARAMETERS.includes(name)) && new Set(names).size === names.length;
      if (!known) return 'latest-unknown-parameter';
      if (this.answers === 'without rates') return 'latest-no-rates-yet';
      return searchParams.has('symbol') ? 'latest-with-chart' : 'latest';
    }
    if (this.servesPage && pathname === '/') return 'page';
    // For ever: a page that is being replaced may still be loading them.
    if (pathname.startsWith('/pkg/') && this.has(pathname.slice(1))) return pathname.slice(1);
    return undefined;
  }

  private has(name: string): boolean {
    try {
      return this.recorded(name).status === 200;
    } catch {
      return false;
    }
  }

  private recorded(name: string): Answer {
    const bytes = readFileSync(path.join(this.folder, `${name}.http`));
    const end = bytes.indexOf('\r\n\r\n');
    const [first, ...lines] = bytes.subarray(0, end).toString().split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/, 2)));
    let body = bytes.subarray(end + 4);
    // Between Playwright and the browser nothing is compressed.
    if (headers['content-encoding'] === 'br') {
      body = brotliDecompressSync(body);
      delete headers['content-encoding'];
    }
    delete headers['content-length'];
    return { status: Number(first.split(' ')[1]), headers, body };
  }
}
