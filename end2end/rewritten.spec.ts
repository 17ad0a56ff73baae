// A page that a translator, an extension or a password manager has rewritten shows right numbers beside
// right names. What they do is done here by a script: no translator works without the Internet.

import { type Page } from '@playwright/test';
import { expect, hydrated, type Rates, test } from './server';

/** Does with each text node that has one of `letters` what Chrome's translator does. */
async function translate(page: Page, letters: 'letters' | 'letters and numbers') {
  await page.evaluate((pattern) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (text.parentElement?.closest('script, style, option')) continue;
      if (!new RegExp(pattern, 'u').test(text.data)) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.append(text.data);
      outer.append(inner);
      text.replaceWith(outer);
    }
  }, letters === 'letters' ? '\\p{L}' : '[\\p{L}\\p{N}]');
}

/** Puts an element beside the amount, as a password manager does, and others where they hurt. */
async function putIn(page: Page) {
  await page.evaluate(() => {
    const places = '.amount, .rates tbody tr:nth-child(3) td, .pair-value > *, .tiles li > *, header, .figure b';
    for (const element of document.querySelectorAll(places)) {
      element.after(document.createElement('div'));
      element.before(document.createElement('span'));
    }
  });
}

/** Takes some elements out: one of a row, of a tile, of the detail view. */
async function takeOut(page: Page) {
  await page.evaluate(() => {
    const places = '.rates tbody tr:nth-child(3) td:nth-child(4), .tiles li:nth-child(2) .tile-name, .inverse';
    for (const element of document.querySelectorAll(places)) element.remove();
  });
}

const rewritings: Record<string, (page: Page) => Promise<void>> = {
  'its letters translated': (page) => translate(page, 'letters'),
  'its numbers translated, too': (page) => translate(page, 'letters and numbers'),
  'elements put in': putIn,
  'elements taken out': takeOut,
};

const views: Record<string, string> = {
  'the table': '/?sort=value',
  'a currency in detail': '/?base=eur&amount=250&symbol=gbp&sort=value',
  'the wallboard': '/?view=board&symbols=eur,gbp,usd,btc&sort=value',
};

/** What stands beside a code: `Euro … 65,223.37`. */
const entry = (page: Page, code: string) => page.locator('.rates tbody tr, .tiles li').filter({ has: page.locator(`[value=${code}]`) });

/** Waits for new rates, in which the pound has risen past the euro, on server and page. */
async function pastTheEuro(page: Page, rates: Rates) {
  rates.upstream.values = { gbp: 66000.25 };
  await rates.waitFor('gbp', 66000.25);
  await page.keyboard.press('r');
}

async function expectRight(page: Page, address: string) {
  const shown = (value: string) => (address.includes('base=eur') ? { '65,223.37': '250', '66,000.25': '252.98' }[value]! : value);
  await expect(entry(page, 'gbp')).toContainText(shown('66,000.25'));
  await expect(entry(page, 'gbp')).toContainText(/British Pound Sterling|GBP/);
  await expect(entry(page, 'eur')).toContainText(shown('65,223.37'));
  await expect(entry(page, 'eur')).toContainText(/Euro|EUR/);
  // Each stands once, and the larger one first.
  await expect(page.locator('.rates tbody, .tiles')).toHaveText(/British Pound.*Euro|GBP.*EUR/s);
  await expect(page.getByText('56,399.47')).toHaveCount(0);
  if (address.includes('symbol=')) {
    await expect(page.locator('.pair-value')).toContainText('250 EUR = 252.98 GBP');
    await expect(page.locator('#pair')).toHaveText('British Pound Sterling per Euro');
  }
}

for (const [what, rewrite] of Object.entries(rewritings)) {
  for (const [view, address] of Object.entries(views)) {
    test(`${view}, with ${what}, goes on with right numbers`, async ({ page, rates }) => {
      await rates.start({ CACHE_DURATION: '2' });
      await page.goto(rates.url + address);
      await expect(page.locator('html')).toHaveAttribute('data-live');
      await rewrite(page);
      await pastTheEuro(page, rates);
      await expectRight(page, address);
    });

    test(`${view}, with ${what} before it is hydrated, is taken over once`, async ({ page, rates }) => {
      await rates.start({ CACHE_DURATION: '2' });
      let loads = 0;
      page.on('load', () => (loads += 1));
      let go = () => {};
      const held = new Promise<void>((resolve) => (go = resolve));
      await page.route('**/*.wasm', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(rates.url + address);
      await rewrite(page);
      go();
      await expect(page.locator('html')).toHaveAttribute('data-live');
      await pastTheEuro(page, rates);
      await expectRight(page, address);
      expect(loads).toBe(1);
      // Nothing stands there twice.
      await expect(page.locator('main')).toHaveCount(1);
    });
  }
}

test('another currency in detail has its own name and value on a translated page', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=eur&symbol=gbp`);
  await hydrated(page);
  await translate(page, 'letters and numbers');
  await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('usd');
  await expect(page.locator('#pair')).toHaveText('Euro per US Dollar');
  await expect(page.locator('.pair-value')).toContainText('1 USD = 0.86027 EUR');
  await page.getByLabel('Base').selectOption('gbp');
  await expect(page.locator('#pair')).toHaveText('British Pound Sterling per US Dollar');
  await expect(page.locator('.highlights h2')).toHaveText('Prices in GBP');
});

test('numbers, codes and units are not for translators', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=eur&symbol=gbp`);
  await hydrated(page);
  const translated = (selector: string) =>
    page.locator(selector).evaluateAll((elements) => elements.filter((element) => (element as HTMLElement).translate).length);
  for (const selector of ['.rates td', '.pair-value', '.inverse', '.figure strong', '.age', '.countdown']) {
    expect(await page.locator(selector).count(), selector).toBeGreaterThan(0);
    expect(await translated(selector), selector).toBe(0);
  }
  expect(await translated('.rates tbody th a')).toBe(76);
});

test.describe('when things go wrong', () => {
  test.use({ expectSilence: false });

  test('a translated page tells its age and whether it refreshes', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    await page.goto(rates.url);
    await hydrated(page);
    await translate(page, 'letters and numbers');
    await page.clock.runFor(120_000);
    await expect(page.locator('.age')).toHaveText(/2 min ago/);
    await expect(page.locator('.countdown')).toHaveText(/Next refresh in [23]:\d\d/);
    await rates.stop();
    await page.clock.runFor(600_000);
    await expect(page.locator('.pill')).toHaveText('Stale');
    await expect(page.locator('.age')).toHaveText(/12 min ago/);
  });

  test('a page whose wasm traps at each start says that it stands still, and reloads ever more rarely', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    let loads = 0;
    page.on('load', () => (loads += 1));
    // A module that traps: (module (func (export "…") unreachable)) as its start function.
    const traps = Buffer.from('0061736d01000000010401600000030201000801000a05010300000b', 'hex');
    await page.route('**/*.wasm', (route) => route.fulfill({ contentType: 'application/wasm', body: traps }));
    await page.goto(rates.url);
    await expect(page.locator('.pill')).toHaveText('Not refreshing');
    for (let minute = 0; minute < 30; minute += 1) {
      await page.clock.runFor(60_000).catch(() => undefined);
    }
    // Every 30 s would be 60 times.
    await expect.poll(() => loads).toBeLessThan(10);
  });
});
