// Over a roll-out and a roll-back there are pages of one release before the server of another. None is lost,
// and none reloads itself again and again.

import { type Page } from '@playwright/test';
import { Earlier } from './earlier';
import { expect, hydrated, test as base } from './server';

const usd = 'table.rates tbody tr:has-text("US Dollar")';
/** Whatever this release is called, no earlier one has the same name. Its source has new rates every second. */
const now = { APP_VERSION: '99.0.0', CACHE_DURATION: '1', RATES_SOURCES: 'coingecko' };
const questions = '**/fn/latest?*';

interface Fixtures {
  earlier: Earlier;
  /** Without a worker, as over plain HTTP, nobody but the page asks, and nothing old is kept. */
  worker: boolean;
}

const test = base.extend<Fixtures>({
  worker: [false, { option: true }],
  earlier: async ({ page }, use) => {
    const earlier = new Earlier('page-0c2d63a');
    await earlier.standBefore(page);
    await use(earlier);
  },
});

test.beforeEach(async ({ page, worker }) => {
  if (!worker) {
    await page.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'serviceWorker', { value: undefined });
    });
  }
  // Counted at the moment when the page asks for it, so that none comes too late to be counted.
  await page.addInitScript(() => {
    window.navigation.addEventListener('navigate', ({ navigationType }) => {
      if (navigationType === 'reload') sessionStorage.reloads = Number(sessionStorage.reloads ?? 0) + 1;
    });
    window.addEventListener('pagehide', () => {
      const rows = [...document.querySelectorAll('table.rates tbody tr')].map((row) => row.textContent!);
      const dollars = rows.find((row) => row.includes('US Dollar'));
      const alerts = document.querySelector('.alerts')?.textContent;
      if (dollars) sessionStorage.lastShown = JSON.stringify({ rows: rows.length, dollars, alerts });
    });
  });
});

function reloads(page: Page): Promise<number> {
  return page.evaluate(() => Number(sessionStorage.reloads ?? 0));
}

/** What the page before the last reload has shown to its end. */
function lastShown(page: Page): Promise<unknown> {
  return page.evaluate(() => JSON.parse(sessionStorage.lastShown));
}

/**
 * The page's clock stands still from before the page is there: the page asks nothing unless the test has it
 * ask. It stands up to ten minutes before `time`, because a page reloads itself once in ten minutes, and these
 * have just begun; after `time`, the page could be old and ask at once.
 */
async function stopClock(page: Page, time: number) {
  const begun = Math.floor((time - 60_000) / 600_000) * 600_000;
  await page.clock.install({ time: begun + 59_000 });
  await page.clock.pauseAt(begun + 60_000);
}

/** What the page asks meanwhile is answered when the clock stands again: a page that is replaced loses its clock. */
async function letPass(page: Page, pass: () => Promise<void>) {
  let passed = () => {};
  const until = new Promise<void>((done) => (passed = done));
  await page.route(questions, async (route) => {
    await until;
    await route.fallback();
  });
  await pass();
  passed();
}

/** The page on the screen is of `build`, and alive. */
async function isOf(page: Page, build: string) {
  await expect.poll(() => page.locator('#latest').textContent()).toContain(`"build":"${build}`);
  await hydrated(page);
}

async function shows(page: Page, dollars: string) {
  await expect(page.locator(`${usd} td:has(> span + span)`)).toHaveText(dollars);
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
}

function complaint(page: Page) {
  return page.getByText('This page could not refresh itself: ').locator('..');
}

async function refresh(page: Page) {
  await page.getByRole('button', { name: 'Refresh' }).click();
}

async function choose(page: Page, base: string) {
  await page.getByLabel('Base').selectOption(base);
}

/** Does what makes the page reload itself, and waits for the page that then comes. */
async function reloaded(page: Page, act: () => Promise<void>) {
  const loaded = page.waitForEvent('load');
  await act();
  await loaded;
}

/**
 * What a page asks for and how, its address then, and the dollars that it shows first, as the new page, which has prices
 * in euros, and later.
 */
const ways: [string, (page: Page) => Promise<void>, string, string, string, string][] = [
  ['newer rates', refresh, '/', '75,000.25', '75,000.25', '76,000.50'],
  ['a chart', (page) => page.locator(usd).getByRole('link').click(), '/?symbol=usd', '75,000.25', '75,000.25', '76,000.50'],
  ['rates in another base', (page) => choose(page, 'eur'), '/?base=eur', '1.149898', '0.86964', '0.85820'],
];
for (const [what, ask, address, first, renewed, later] of ways) {
  test(`a page of the release before asks for ${what}, and becomes the new one`, async ({ page, rates, earlier }) => {
    rates.upstream.values = { usd: 75000.25 };
    await rates.start(now);
    earlier.servesPage = true;
    await stopClock(page, earlier.time);
    await page.goto(rates.url);
    await isOf(page, earlier.build);
    await shows(page, '75,817.76');
    earlier.servesPage = false;
    const question = page.waitForRequest(questions);
    await reloaded(page, () => ask(page));
    const answer = await fetch((await question).url());
    expect(answer.status).toBe(200);
    expect((await answer.json()).build).toMatch(/^99\.0\.0\+/);
    // Until the new page was there, the old one has shown what it was told: it could read it.
    expect(await lastShown(page)).toEqual({ rows: 76, dollars: expect.stringContaining(first), alerts: '' });
    await isOf(page, '99.0.0+');
    await expect(page).toHaveURL(rates.url + address);
    await shows(page, renewed);
    rates.upstream.values = { usd: 76000.5 };
    await rates.waitFor('usd', 76000.5);
    await refresh(page);
    await shows(page, later);
    expect(await reloads(page)).toBe(1);
  });
}

test('a page of the release before hears of new rates, and becomes the new one', async ({ page, rates, earlier }) => {
  await rates.start(now);
  earlier.servesPage = true;
  await stopClock(page, earlier.time);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const heard = new Promise((done) => session.once('Network.eventSourceMessageReceived', done));
  await page.goto(rates.url);
  await isOf(page, earlier.build);
  earlier.servesPage = false;
  await heard;
  // Pages spread their questions over some seconds.
  await letPass(page, () => page.clock.runFor(4_000));
  await isOf(page, '99.0.0+');
  expect(await reloads(page)).toBe(1);
});

test.describe('with a worker', () => {
  test.use({ worker: true });

  test('that has kept it, a page of the release before becomes the new one', async ({ page, rates, earlier }) => {
    await rates.start(now);
    earlier.servesPage = true;
    await stopClock(page, earlier.time);
    await page.goto(rates.url);
    await isOf(page, earlier.build);
    const kept = () => page.evaluate(async () => (await (await caches.open('pages-1')).match('/'))?.text());
    await expect.poll(kept).toContain(earlier.build);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    earlier.servesPage = false;
    await refresh(page);
    await isOf(page, '99.0.0+');
    await page.evaluate(() => navigator.serviceWorker.controller!.postMessage('keep'));
    await expect.poll(kept).toContain('"build":"99.0.0+');
    expect(await reloads(page)).toBe(1);
  });
});

test('a reload that brings the page of the release before again is not repeated', async ({ page, rates, earlier }) => {
  await rates.start(now);
  // A cache in between, or a roll-out that is under way.
  earlier.servesPage = true;
  await stopClock(page, earlier.time);
  await page.goto(rates.url);
  await isOf(page, earlier.build);
  rates.upstream.values = { usd: 75000.25 };
  await rates.waitFor('usd', 75000.25);
  await reloaded(page, () => refresh(page));
  await isOf(page, earlier.build);
  for (const [value, shown] of [[76000.5, '76,000.50'], [77000.75, '77,000.75']] as const) {
    rates.upstream.values = { usd: value };
    await rates.waitFor('usd', value);
    await refresh(page);
    await shows(page, shown);
    await expect(complaint(page)).toHaveCount(0);
    expect(await reloads(page)).toBe(1);
  }
  // Once the cache has the new page, it is found.
  earlier.servesPage = false;
  await letPass(page, () => page.clock.fastForward(600_000));
  await isOf(page, '99.0.0+');
  expect(await reloads(page)).toBe(2);
});

for (const [what, both] of [['page', true], ['answers, but not yet the page,', false]] as const) {
  test(`a roll-back that brings back the ${what} makes a page reload itself once`, async ({ page, rates, earlier }) => {
    rates.upstream.values = { usd: 80000.5 };
    await rates.start(now);
    await stopClock(page, Date.now());
    await page.goto(rates.url);
    await isOf(page, '99.0.0+');
    await shows(page, '80,000.50');
    earlier.answers = 'with rates';
    earlier.servesPage = both;
    await reloaded(page, () => refresh(page));
    expect(await lastShown(page)).toEqual({ rows: 76, dollars: expect.stringContaining('75,817.76'), alerts: '' });
    await isOf(page, both ? earlier.build : '99.0.0+');
    expect(await reloads(page)).toBe(1);
    // It goes on with the answers of the release before, and with its chart.
    await page.locator(usd).getByRole('link').click();
    await expect(page.locator('.pair-value')).toContainText('75,817.76 USD');
    await expect(page.locator('.chart .line')).toHaveAttribute('d', /^M/);
    await refresh(page);
    await shows(page, '75,817.76');
    await expect(complaint(page)).toHaveCount(0);
    expect(await reloads(page)).toBe(1);
  });
}

test('a page reloads itself once for an answer of a later release that it cannot read', async ({ page, rates }) => {
  await rates.start(now);
  await stopClock(page, Date.now());
  await page.goto(rates.url);
  await isOf(page, '99.0.0+');
  // Of all that is in an answer, only this may never change.
  const later = { build: '100.0.0+later', rates: { usd: [75000.25] }, next_refresh: 'soon' };
  await page.route(questions, (route) => route.fulfill({ json: later }));
  await reloaded(page, () => refresh(page));
  expect(await lastShown(page)).toMatchObject({ rows: 76, dollars: expect.stringContaining('75,817.76') });
  await isOf(page, '99.0.0+');
  await refresh(page);
  await expect(complaint(page)).toContainText('the server has another version');
  expect(await reloads(page)).toBe(1);
  await shows(page, '75,817.76');
  // That release in turn reads pages of this one, or is rolled back.
  await page.unroute(questions);
  rates.upstream.values = { usd: 75000.25 };
  await rates.waitFor('usd', 75000.25);
  await refresh(page);
  await shows(page, '75,000.25');
  await expect(complaint(page)).toHaveCount(0);
});

test.describe('what is no answer of any release', () => {
  // The browser reports failed requests in its console.
  test.use({ expectSilence: false });

  const portal = '<!DOCTYPE html><title>Hotel</title><h1>Please log in</h1>';
  const proxy = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';
  const answers: [string, number, string, string][] = [
    ['a captive portal', 200, 'text/html', portal],
    ["a proxy's 502", 502, 'text/html', proxy],
    ['JSON of somebody else', 200, 'application/json', '{"status":"ok"}'],
    ['no rates, but null', 200, 'application/json', 'null'],
    ['a build that is no text', 200, 'application/json', '{"build":7}'],
  ];
  for (const [what, status, contentType, body] of answers) {
    test(`${what} makes no page reload itself`, async ({ page, rates, said }) => {
      await rates.start(now);
      await stopClock(page, Date.now());
      await page.goto(rates.url);
      await isOf(page, '99.0.0+');
      await page.route(questions, (route) => route.fulfill({ status, contentType, body }));
      await refresh(page);
      await expect(complaint(page)).toContainText('the server did not understand the page');
      await shows(page, '75,817.76');
      expect(await reloads(page)).toBe(0);
      await page.unroute(questions);
      rates.upstream.values = { usd: 75000.25 };
      await rates.waitFor('usd', 75000.25);
      await refresh(page);
      await shows(page, '75,000.25');
      await expect(complaint(page)).toHaveCount(0);
      expect(await reloads(page)).toBe(0);
      const failed = 'the server responded with a status of 502';
      expect(said).toEqual(status === 502 ? [expect.stringContaining(failed)] : []);
    });
  }
});

test.describe('a server of the other release that has no rates yet', () => {
  test.use({ expectSilence: false });
  const noRates = [expect.stringContaining('the server responded with a status of 503')];

  test('costs a page of the release before no row', async ({ page, rates, earlier, said }) => {
    rates.upstream.failing = true;
    await rates.start(now, false);
    earlier.servesPage = true;
    await stopClock(page, earlier.time);
    await page.goto(rates.url);
    await isOf(page, earlier.build);
    await refresh(page);
    await expect(complaint(page)).toContainText('the server has no rates yet');
    await shows(page, '75,817.76');
    expect(await reloads(page)).toBe(0);
    expect(said).toEqual(noRates);
    earlier.servesPage = false;
    rates.upstream.failing = false;
    await rates.waitFor('usd', 75817.765);
    await refresh(page);
    await isOf(page, '99.0.0+');
    expect(await reloads(page)).toBe(1);
  });

  test('costs a page no row after a roll-back', async ({ page, rates, earlier, said }) => {
    await rates.start(now);
    await stopClock(page, Date.now());
    await page.goto(rates.url);
    await isOf(page, '99.0.0+');
    earlier.answers = 'without rates';
    await refresh(page);
    await expect(complaint(page)).toContainText('the server has no rates yet');
    await shows(page, '75,817.76');
    expect(await reloads(page)).toBe(0);
    expect(said).toEqual(noRates);
    earlier.answers = 'with rates';
    earlier.servesPage = true;
    await refresh(page);
    await isOf(page, earlier.build);
    expect(await reloads(page)).toBe(1);
  });
});
