// The page keeps itself fresh, and never loses what it has.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Page, type Request } from '@playwright/test';
import { expect, hydrated, standStill, test } from './server';

const usd = 'table.rates tbody tr:has-text("US Dollar") td:nth-child(4)';

/** Counts the calls of the server function. */
function countRefreshes(page: Page) {
  const counter = { calls: 0 };
  page.on('request', (request) => {
    if (request.url().includes('/fn/latest')) counter.calls += 1;
  });
  return counter;
}

/** Keeps what the worker with the stream tells the page. */
async function listen(page: Page) {
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    window.SharedWorker = class extends SharedWorker {
      constructor(address: string | URL) {
        super(address);
        this.port.addEventListener('message', ({ data }) => heard.push(data));
      }
    };
  });
}

/** Makes the page believe that its tab is hidden, or seen again. */
async function show(page: Page, visible: boolean) {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, visible ? 'visible' : 'hidden');
}

test('the button brings new rates, and only what changed changes', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await page.goto(rates.url);
  await hydrated(page);
  await page.evaluate(() => {
    const changed: string[] = [];
    Object.assign(window, { changed });
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        changed.push(element?.closest('tr')?.textContent ?? '?');
      }
    }).observe(document.querySelector('table.rates')!, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  rates.upstream.values = { usd: 75000.25 };
  await rates.waitFor('usd', 75000.25);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.locator(usd)).toHaveText('75,000.25');
  const changed: string[] = await page.evaluate(() => (window as unknown as { changed: string[] }).changed);
  expect(new Set(changed)).toEqual(new Set(['USDUS DollarFiat$75,000.25–––']));
});

test('it refreshes by the client that Leptos generates, and by no other', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=eur&symbol=usd`);
  await hydrated(page);
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname.startsWith('/fn/'));
  await page.getByRole('button', { name: 'Refresh' }).click();
  const request = await asked;
  const { pathname, searchParams } = new URL(request.url());
  expect([request.method(), pathname]).toEqual(['GET', '/fn/latest']);
  const { have, ...question } = Object.fromEntries(searchParams);
  expect(have).toMatch(/^20\d{6}T\d{6}Z-/);
  expect(question).toEqual({ base: 'eur', quote: 'direct', symbol: 'usd', span: '24h' });
  // The encoding of a server function's arguments (`GetUrl`), and of its answer.
  expect(request.headers()).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  });
  // Nothing in the sources asks in another way.
  const sources = path.resolve(__dirname, '../src');
  const asking = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rs'))
    .filter((name) => /fetch_with_|RequestInit|XmlHttpRequest|gloo_net/.test(readFileSync(path.join(sources, name), 'utf8')));
  expect(asking).toEqual([]);
});

test('it asks by itself when the server has new rates, and not before', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  const refreshes = countRefreshes(page);
  await page.goto(rates.url);
  await hydrated(page);
  await standStill(page);
  const { refresh } = await (await fetch(`${rates.url}/health`)).json();
  const left = Date.parse(refresh.next) - (await page.evaluate(() => Date.now()));
  await page.clock.runFor(left - 2_000);
  expect(refreshes.calls).toBe(0);
  // Pages spread their questions over some seconds.
  await page.clock.runFor(12_000);
  await expect.poll(() => refreshes.calls).toBe(1);
});

test('it hears of new rates before its timer asks', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '15' });
  const now = Date.now();
  await page.clock.install({ time: now });
  const refreshes = countRefreshes(page);
  await listen(page);
  await page.goto(rates.url);
  await hydrated(page);
  // The page's clock stands still, and with it the timer; the server goes on.
  await standStill(page);
  rates.upstream.values = { usd: 75000.25 };
  await rates.waitFor('usd', 75000.25);
  const { snapshot_id } = await (await fetch(`${rates.url}/api/rates`)).json();
  await expect.poll(() => page.evaluate(() => (window as unknown as { heard: string[] }).heard.at(-1))).toBe(snapshot_id);
  expect(refreshes.calls).toBe(0);
  // Pages spread their questions over some seconds.
  await page.clock.runFor(6_000);
  await expect.poll(() => refreshes.calls).toBe(1);
  await expect(page.locator(usd)).toHaveText('75,000.25');
  expect(await page.evaluate(() => Date.now())).toBeLessThan(now + 15_000);
});

test('a page that is seen has one stream, a hidden one none', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await page.goto(rates.url);
  const streams = async () => {
    const metrics = await (await fetch(`${rates.url}/metrics`)).text();
    return /^crypto_app_streams (\d+)$/m.exec(metrics)?.[1];
  };
  await hydrated(page);
  await expect.poll(streams).toBe('1');
  await show(page, false);
  await expect.poll(streams).toBe('0');
  await show(page, true);
  await expect.poll(streams).toBe('1');
});

for (const [way, hours] of [['slow', -1], ['fast', 1]] as const) {
  test(`a reader whose clock is ${way} sees live rates as live`, async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await page.goto(rates.url);
    await hydrated(page);
    await expect(page.locator('.pill')).toHaveText('Live');
    // Once the server has told its time, the age is right.
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.locator('.taken')).toContainText(/just now|s ago/);
    await expect(page.locator('.pill')).toHaveText('Live');
  });
}

test('a hidden page rests, and asks at once when it is seen again', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  const refreshes = countRefreshes(page);
  await page.goto(rates.url);
  await hydrated(page);
  await show(page, false);
  await page.clock.runFor(900_000);
  expect(refreshes.calls).toBe(0);
  await show(page, true);
  await expect.poll(() => refreshes.calls).toBe(1);
});

test.describe('when things go wrong', () => {
  // The browser reports failed requests in its console.
  test.use({ expectSilence: false });

  test('a server that is away costs no row, and is found again', async ({ page, rates }) => {
    await rates.start();
    await page.goto(rates.url);
    await hydrated(page);
    await rates.stop();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.getByText('This page could not refresh itself')).toBeVisible();
    await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
    rates.upstream.values = { usd: 81000.5 };
    await rates.start();
    // It tries again by itself.
    await expect(page.locator(usd)).toHaveText('81,000.50');
    await expect(page.getByText('This page could not refresh itself')).toHaveCount(0);
  });

  test('a page that is cut off does not go on calling its rates live', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    await page.goto(rates.url);
    await hydrated(page);
    await expect(page.locator('.pill')).toHaveText('Live');
    await rates.stop();
    await page.clock.runFor(600_000);
    await expect(page.locator('.pill')).toHaveText('Stale');
    await expect(page.locator('.taken')).toContainText('10 min ago');
    await expect(page.getByText('These rates are stale.')).toBeVisible();
    await expect(page.locator(usd)).toHaveText('75,817.76');
  });

  test('a server that accepts and never answers is given up after 15 seconds', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    await page.goto(rates.url);
    await hydrated(page);
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
    rates.freeze();
    const isRefresh = (request: Request) => request.url().includes('/fn/latest');
    const asked = page.waitForEvent('request', isRefresh);
    const givenUp = page.waitForEvent('requestfailed', isRefresh);
    const button = page.getByRole('button', { name: 'Refresh' });
    await button.click();
    await asked;
    await page.clock.runFor(14_000);
    await expect(page.locator('.countdown')).toHaveText('Refreshing…');
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await page.clock.runFor(1_000);
    await givenUp;
    await expect(page.getByText('This page could not refresh itself')).toBeVisible();
    await expect(button).toHaveAttribute('aria-disabled', 'false');
    await expect(page.locator(usd)).toHaveText('75,817.76');
    // It tries again within ten seconds, by itself.
    rates.thaw();
    await page.clock.runFor(11_000);
    await expect(page.getByText('This page could not refresh itself')).toHaveCount(0);
    await expect(button).toHaveAttribute('aria-disabled', 'false');
  });

  test('a page without rates fills itself', async ({ page, rates }) => {
    rates.upstream.failing = true;
    await rates.start({ CACHE_DURATION: '1' }, false);
    await page.goto(rates.url);
    await expect(page.getByText('No rates yet.')).toBeVisible();
    await hydrated(page);
    rates.upstream.failing = false;
    await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
    await expect(page.locator('.pill')).toHaveText('Live');
    await expect(page.getByText('No rates yet.')).toHaveCount(0);
  });
});

test('stale rates stay, and say so', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '1', API_TIMEOUT: '1' });
  rates.upstream.failing = true;
  await expect
    .poll(async () => (await (await fetch(`${rates.url}/api/rates`)).json()).cache_status)
    .toBe('stale');
  await page.goto(rates.url);
  await hydrated(page);
  await expect(page.locator('.pill')).toHaveText('Stale');
  await expect(page.getByText('These rates are stale.')).toBeVisible();
  await expect(page.locator(usd)).toHaveText('75,817.76');
  rates.upstream.failing = false;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.locator('.pill')).toHaveText('Live');
});

test('the sample is unmistakable', async ({ page, rates }) => {
  rates.upstream.failing = true;
  await rates.start({ RATES_SOURCES: 'coingecko,sample' });
  await page.goto(rates.url);
  await hydrated(page);
  await expect(page.locator('.pill')).toHaveText('Sample');
  await expect(page.getByText('Sample data, not live rates.')).toBeVisible();
  await expect(page.locator('.taken time')).toContainText('2026');
});

test.describe('when the server is replaced', () => {
  test.use({ expectSilence: false });

  test('a page of an old version reloads itself once', async ({ page, rates }) => {
    await rates.start({ APP_VERSION: '1.0.0' });
    let loads = 0;
    page.on('load', () => (loads += 1));
    await page.goto(`${rates.url}/?type=crypto`);
    await hydrated(page);
    await rates.stop();
    await rates.start({ APP_VERSION: '1.1.0' });
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect.poll(() => loads).toBe(2);
    await hydrated(page);
    await expect(page).toHaveURL(`${rates.url}/?type=crypto`);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.locator('.next')).toContainText('Refresh');
    expect(loads).toBe(2);
  });
});

test('a page that is never painted, as in a hidden tab, comes to life all the same', async ({ page, rates }) => {
  await rates.start();
  await page.addInitScript(() => {
    window.PerformanceObserver = class {
      static supportedEntryTypes = [];
      observe() {}
      disconnect() {}
      takeRecords() {
        return [];
      }
    };
  });
  await page.goto(rates.url);
  await hydrated(page);
});

test.describe('a page that is broken', () => {
  test.use({ expectSilence: false });

  test('is loaded again when the wasm could not be had', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    await page.route('**/*.wasm', (route) => route.abort(), { times: 1 });
    const broken = page.waitForEvent('pageerror');
    await page.goto(rates.url);
    await broken;
    await expect(page.locator('.countdown')).toContainText('UTC');
    await page.clock.fastForward(31_000);
    await hydrated(page);
  });

  test('is loaded again when the wasm has trapped, but not while nobody answers', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    await page.goto(rates.url);
    await hydrated(page);
    await page.evaluate(() => {
      Object.assign(window, { old: true });
      queueMicrotask(() => {
        throw new WebAssembly.RuntimeError('unreachable');
      });
    });
    const isOld = () => page.evaluate(() => 'old' in window);
    await page.route(rates.url + '/', (route) => route.fulfill({ status: 503 }));
    const asked = page.waitForResponse(rates.url + '/');
    await page.clock.fastForward(31_000);
    await asked;
    expect(await isOld()).toBe(true);
    await page.unroute(rates.url + '/');
    // The answer may not yet have set the next timer. A page that is on its way out answers nothing.
    const later = async () => {
      await page.clock.fastForward(31_000);
      return isOld();
    };
    await expect.poll(() => later().catch(() => true)).toBe(false);
    await hydrated(page);
  });
});
