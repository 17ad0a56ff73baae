// What is seen at a glance: what stands on the first screen, what stays where it is, and what the page says of itself.

import { type Page } from '@playwright/test';
import { expect, fonts, hydrated, test, write } from './server';

const row = (code: string) => `table.rates tbody tr:has(button[value=${code}])`;

/** The place of an element on the screen. */
const place = async (page: Page, selector: string) => (await page.locator(selector).boundingBox())!;

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('the head is small, and the first rate is on the first screen', async ({ page, rates }) => {
    await rates.start();
    await page.goto(rates.url);
    await hydrated(page);
    expect((await place(page, '.masthead')).height).toBeLessThanOrEqual(64);
    const first = await place(page, 'table.rates tbody tr:first-child');
    expect(first.y + first.height).toBeLessThan(844);
    // All tabs are in view.
    await page.getByRole('button', { name: 'Pin USD' }).click();
    await expect(page.getByRole('link', { name: /^Favourites/ })).toBeInViewport({ ratio: 1 });
  });

  test('the result stands below the fields, and nothing moves for it', async ({ page, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/?base=eur&amount=250`);
    await hydrated(page);
    const before = await place(page, '.highlights');
    await page.getByLabel('In', { exact: true }).selectOption('usd');
    await expect(page.locator('.result')).toHaveText('= 290.61');
    expect((await place(page, '.highlights')).y).toBe(before.y);
    const result = await place(page, '.result');
    const amount = await place(page, '.amount');
    expect(result.y).toBeGreaterThanOrEqual(amount.y + amount.height);
    expect(result.y - amount.y - amount.height).toBeLessThan(40);
  });
});

for (const [name, width, style, font] of [
  ['320 pixels', 320, '', fonts.usual],
  ['320 pixels, a wide font', 320, '', fonts.wide],
  ['text twice as large', 640, ':root { font-size: 200% }', fonts.usual],
  ['the text spacing of WCAG', 320, '* { letter-spacing: .12em !important; word-spacing: .16em !important; line-height: 1.5 !important }', fonts.usual],
] as const) {
  test(`no number runs into another: ${name}`, async ({ page, rates }) => {
    await page.setViewportSize({ width, height: 800 });
    if (font !== fonts.usual) await write(page, font);
    await rates.start();
    // 15 digits.
    rates.upstream.values = { lbp: 6_790_586_630_179 };
    await page.goto(`${rates.url}/?amount=99`);
    await hydrated(page);
    if (style) {
      await page.route('**/test.css', (route) => route.fulfill({ contentType: 'text/css', body: style }));
      await page.evaluate(async () => {
        const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'test.css' });
        await new Promise((done) => {
          link.onload = done;
          document.head.append(link);
        });
      });
    }
    const overlaps = await page.evaluate(() => {
      const found: string[] = [];
      for (const row of document.querySelectorAll('table.rates tbody tr')) {
        const boxes = [...row.querySelectorAll('b, th a, th small, td')].flatMap((element) => {
          const range = document.createRange();
          range.selectNodeContents(element);
          return [...range.getClientRects()]
            .filter((box) => box.width > 1 && getComputedStyle(element).display !== 'none')
            .map((box) => ({ box, element }));
        });
        for (const one of boxes) {
          if (one.box.right > innerWidth) found.push(`${one.element.textContent} is cut off`);
          for (const other of boxes) {
            const apart =
              one.element === other.element ||
              one.box.right <= other.box.left + 0.5 || other.box.right <= one.box.left + 0.5 ||
              one.box.bottom <= other.box.top + 3 || other.box.bottom <= one.box.top + 3;
            if (!apart) found.push(`${one.element.textContent} and ${other.element.textContent}`);
          }
        }
      }
      return found;
    });
    expect(overlaps).toEqual([]);
  });
}

for (const [name, width, height] of [['a phone', 390, 844], ['a tablet', 900, 1024], ['a laptop', 1440, 900]] as const) {
  test(`on ${name}, opening a row marks it and moves nothing`, async ({ page, rates }) => {
    await page.setViewportSize({ width, height });
    await rates.start();
    await page.goto(rates.url);
    await hydrated(page);
    await page.locator(row('gbp')).scrollIntoViewIfNeeded();
    const before = await place(page, row('gbp'));
    await page.locator(`${row('gbp')} td:nth-child(4)`).click();
    await expect(page.locator('#pair')).toBeVisible();
    expect(await place(page, row('gbp'))).toEqual(before);
    await expect(page.locator(`${row('gbp')} a`)).toHaveAttribute('aria-current', 'true');
    await expect(page.locator('table.rates tbody tr.open')).toHaveCount(1);
    // The ring is for those who use the keyboard.
    const ring = () => page.locator('#pair').evaluate((heading) => getComputedStyle(heading).outlineStyle);
    expect(await ring()).toBe('none');
    await page.keyboard.press('Escape');
    await page.locator(`${row('gbp')} a`).focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('#pair')).toBeFocused();
    expect(await ring()).not.toBe('none');
  });
}

test('favourites are in the order pinned, and are moved by keyboard and by hand', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const codes = async () => (await page.locator('table.rates tbody tr b').allTextContents()).slice(0, 3);
  for (const code of ['CHF', 'XAU', 'EUR']) {
    await page.getByRole('button', { name: `Pin ${code}` }).click();
    await expect(page.getByText(`${code} is now among the first rows`)).toBeVisible();
  }
  expect(await codes()).toEqual(['CHF', 'XAU', 'EUR']);
  await expect(page.locator('.figure b')).toHaveText(['CHF', 'XAU', 'EUR', 'USD', 'JPY', 'GBP']);
  await page.locator(`${row('chf')} a`).focus();
  await page.keyboard.press('Shift+J');
  expect(await codes()).toEqual(['XAU', 'CHF', 'EUR']);
  await expect(page.locator(`${row('chf')} a`)).toBeFocused();
  await page.keyboard.press('Shift+K');
  expect(await codes()).toEqual(['CHF', 'XAU', 'EUR']);
  await page.locator(`${row('eur')} td:nth-child(4)`).dragTo(page.locator(row('chf')));
  expect(await codes()).toEqual(['EUR', 'CHF', 'XAU']);
  await page.reload();
  await hydrated(page);
  expect(await codes()).toEqual(['EUR', 'CHF', 'XAU']);
});

test("the rates of somebody's link are not the reader's favourites", async ({ page, rates }) => {
  await rates.start();
  await page.addInitScript(() => (localStorage.favourites = 'chf,xau'));
  await page.goto(`${rates.url}/?symbols=usd,eur,gbp`);
  await hydrated(page);
  await expect(page.locator('table.rates tbody tr')).toHaveCount(3);
  await expect(page.getByRole('link', { name: 'Favourites 2' })).toHaveAttribute('aria-current', 'false');
  await expect(page.getByRole('link', { name: 'Of the link 3' })).toHaveAttribute('aria-current', 'true');
  await page.getByRole('link', { name: 'Favourites 2' }).click();
  await expect(page.locator('table.rates tbody tr')).toHaveCount(2);
  await expect(page.getByRole('link', { name: /Of the link/ })).toBeHidden();
});

test('a screen reader hears what a search and a conversion give, and not each letter', async ({ page, rates }) => {
  await page.clock.install({ time: Date.now() });
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const told = page.locator('p.visually-hidden[role=status]');
  await page.getByRole('searchbox').pressSequentially('swiss');
  await expect(told).toBeEmpty();
  await page.clock.runFor(1_100);
  await expect(told).toHaveText('1 rate');
  await page.getByRole('searchbox').fill('qqq');
  await page.clock.runFor(1_100);
  await expect(told).toHaveText('Nothing matches “qqq”');
  await page.getByRole('searchbox').fill('');
  await page.getByLabel('Base').selectOption('eur');
  await page.getByLabel('In', { exact: true }).selectOption('usd');
  await page.clock.runFor(1_100);
  await expect(told).toHaveText('1 EUR = 1.1624 USD');
});

test('an empty amount is quiet, a wrong one is shown how', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const amount = page.getByLabel('Amount');
  await amount.fill('');
  await expect(amount).toHaveAttribute('aria-invalid', 'false');
  await expect(page.locator('#no-amount')).toBeHidden();
  await amount.fill('much');
  await expect(amount).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#no-amount')).toHaveText('Not a number above 0. Write it as 1,234.50');
});

test('choices begin with what was chosen lately and what most look for', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const groups = page.getByLabel('Base').locator('optgroup');
  expect(await groups.evaluateAll((groups) => groups.map((group) => (group as HTMLOptGroupElement).label))).toEqual(['Popular', 'All']);
  await page.getByLabel('Base').selectOption('pln');
  await expect(groups.first()).toHaveAttribute('label', 'Recent');
  await expect(groups.first()).toHaveText('PLN Polish Zloty');
  await expect(page.getByLabel('Base')).toHaveValue('pln');
  await page.reload();
  await hydrated(page);
  await expect(groups.first()).toHaveText('PLN Polish Zloty');
});

test('links for programs lead to what is shown, in its order', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=usd&type=crypto&q=bit&sort=name`);
  await hydrated(page);
  const shown = await page.locator('table.rates tbody tr b').allTextContents();
  const href = await page.getByRole('link', { name: 'CSV' }).evaluate((link) => (link as HTMLAnchorElement).href);
  const csv = await (await fetch(href)).text();
  expect(csv.trim().split('\n').slice(1).map((line) => line.split(',')[0].toUpperCase())).toEqual(shown);
  const json = await page.getByRole('link', { name: 'JSON' }).evaluate((link) => (link as HTMLAnchorElement).href);
  const answer = await (await fetch(json)).json();
  expect(Object.keys(answer.rates).map((code) => code.toUpperCase())).toEqual(shown);
  expect(answer.rates.btc.value).toBeCloseTo(75_817.765, 2);
});

test('a reader who wants all digits gets them, and keeps them', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=eur&amount=250&symbol=usd`);
  await hydrated(page);
  const usd = page.locator(`${row('usd')} td:nth-child(4)`);
  await expect(usd).toHaveText('290.61');
  await page.getByRole('link', { name: 'All digits' }).click();
  await expect(usd).toHaveText('290.6081');
  await page.goto(`${rates.url}/?base=eur&amount=250`);
  await hydrated(page);
  await expect(usd).toHaveText('290.6081');
  await page.getByRole('link', { name: 'Usual digits' }).click();
  await expect(usd).toHaveText('290.61');
});

test('what is wrong in the address is one note, and goes away', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=xyz&sort=up&type=fiat`);
  await hydrated(page);
  await expect(page.locator('.alert-info')).toHaveCount(1);
  await expect(page.locator('.alert-info')).toContainText('“sort”');
  await expect(page.locator('.alert-info')).toContainText('“base”');
  await page.getByRole('link', { name: 'Dismiss' }).click();
  await expect(page).toHaveURL(`${rates.url}/?type=fiat`);
  await expect(page.locator('.alert-info')).toHaveCount(0);
});

test("times are as the reader's language writes them", async ({ browser, rates }) => {
  await rates.start();
  const { last_updated } = await (await fetch(`${rates.url}/api/rates`)).json();
  for (const locale of ['en-US', 'de-DE', 'ja-JP']) {
    const context = await browser.newContext({ locale, timezoneId: 'Europe/Berlin' });
    const page = await context.newPage();
    await page.goto(`${rates.url}/?lang=en`);
    await hydrated(page);
    const written = new Date(last_updated).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'Europe/Berlin' });
    await expect(page.locator('.taken time')).toHaveText(written);
    await context.close();
  }
});
