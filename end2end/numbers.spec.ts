// What the page writes, it reads; and what people type or paste is read as they mean it, or they are told.

import { type Page } from '@playwright/test';
import { expect, hydrated, test } from './server';

/** Types each text into the field of the amount, and returns what the address then says. */
async function read(page: Page, texts: string[]) {
  return page.evaluate((texts) => {
    const field = document.querySelector<HTMLInputElement>('[name=amount]')!;
    return texts.map((text) => {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      const wrong = field.getAttribute('aria-invalid') === 'true';
      return wrong ? 'not read' : (new URLSearchParams(location.search).get('amount') ?? '1');
    });
  }, texts);
}

const NUMBERS = ['1234567.891', '0.5', '895645846.3', '12', '1234', '12345', '100000', '0.000123', '999999999999999', '42.42'];

test('whatever Intl writes in any of Chromium’s languages is read back', async ({ browser, page, rates }) => {
  await rates.start();
  await page.goto('about:blank');
  // One language of each way to write numbers.
  const locales = await page.evaluate(() => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const pairs = letters.flatMap((a) => letters.map((b) => a + b));
    const triples = pairs.flatMap((pair) => letters.map((c) => pair + c));
    const languages = Intl.NumberFormat.supportedLocalesOf([...pairs, ...triples]);
    const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    const known = pairs.map((pair) => pair.toUpperCase()).filter((region) => regions.of(region));
    const ways = new Map<string, string>();
    for (const language of languages) {
      for (const locale of [language, ...known.map((region) => new Intl.Locale(language, { region }).toString())]) {
        const format = new Intl.NumberFormat(locale);
        const way = [12345678.9, 1234, 0.5].map((number) => format.format(number)).join();
        if (!ways.has(way)) ways.set(way, locale);
      }
    }
    return [...ways.values()];
  });
  expect(locales.length).toBeGreaterThan(10);
  for (const locale of locales) {
    await test.step(locale, async () => {
      const context = await browser.newContext({ locale });
      const reader = await context.newPage();
      await reader.goto(`${rates.url}/?lang=en`);
      await hydrated(reader);
      // The page has learned how its reader writes.
      const usd = await reader.evaluate(() => (75817.76).toLocaleString());
      await expect(reader.locator('tr:has([value=usd]) td:nth-child(4)')).toHaveText(usd);
      const written = await reader.evaluate(
        (numbers) => numbers.map((number) => Number(number).toLocaleString(undefined, { maximumFractionDigits: 15 })),
        NUMBERS,
      );
      expect(await read(reader, written), written.join(' | ')).toEqual(NUMBERS);
      await expect(reader.locator('#no-amount')).toBeHidden();
      await context.close();
    });
  }
});

test('other digits, apostrophes and thin spaces are read everywhere', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const texts = ['１２３４．５'.replace('．', '.'), '١٢٣٤٫٥', '۱۲۳۴', "1'234.5", '1’234', '1\u2009234', '1\u202f234.5', '1,00,000', '\u200f12'];
  expect(await read(page, texts)).toEqual(['1234.5', '1234.5', '1234', '1234.5', '1234', '1234', '1234.5', '100000', '12']);
});

test('what is written as in another language is told as it was understood', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const amount = page.getByLabel('Amount');
  const note = page.locator('#no-amount');
  for (const [typed, told, read] of [
    ['1,5', 'Read as 1.5 BTC', '1.5'],
    ['1.234,56', 'Read as 1,234.56 BTC', '1234.56'],
    ['1.234.567', 'Read as 1,234,567 BTC', '1234567'],
  ]) {
    await amount.fill(typed);
    await expect(note).toHaveText(told);
    await expect(amount).toHaveAttribute('aria-invalid', 'false');
    await expect(page).toHaveURL(`${rates.url}/?amount=${read}`);
  }
  await amount.fill('1,234.5');
  await expect(note).toBeHidden();
  await amount.fill('1.2.3');
  await expect(note).toHaveText('Not a number above 0. Write it as 1,234.50');
  await expect(amount).toHaveAttribute('aria-invalid', 'true');
  await expect(page).toHaveURL(`${rates.url}/?amount=1234.5`);
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('the point of a numpad separates decimals where it can’t separate groups', async ({ page, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/?lang=en`);
    await hydrated(page);
    await expect(page.locator('tr:has([value=usd]) td:nth-child(4)')).toHaveText('75.817,76');
    expect(await read(page, ['1.5', '0.25', '1.234', '12.3456'])).toEqual(['1.5', '0.25', '1234', '12.3456']);
    await page.getByLabel('Amount').fill('1.5');
    await expect(page.locator('#no-amount')).toHaveText('Read as 1,5 BTC');
  });
});

test('a pasted amount brings its currency', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const amount = page.getByLabel('Amount');
  for (const [pasted, base, read, told] of [
    ['250 EUR', 'eur', '250', 'Read as 250 EUR'],
    ['€ 1.234,56', 'eur', '1234.56', 'Read as 1,234.56 EUR'],
    ['gbp 10', 'gbp', '10', 'Read as 10 GBP'],
    ['$99.95', 'usd', '99.95', 'Read as 99.95 USD'],
    ['Fr. 5', 'chf', '5', 'Read as 5 CHF'],
  ]) {
    await amount.fill(pasted);
    await expect(page.getByLabel('Base')).toHaveValue(base);
    await expect(page).toHaveURL(`${rates.url}/?base=${base}&amount=${read}`);
    await expect(page.locator('#no-amount')).toHaveText(told);
  }
  // `$` is written by four: it stands for the base, if that is one of them.
  await page.getByLabel('Base').selectOption('ars');
  await expect(amount).toHaveValue('5');
  await amount.fill('$ 7');
  await expect(page.getByLabel('Base')).toHaveValue('ars');
  await amount.fill('7 nosuch');
  await expect(page.locator('#no-amount')).toHaveText('Not a number above 0. Write it as 1,234.50');
});

test('copied values are plain digits, however small', async ({ page, context, rates }) => {
  await rates.start();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${rates.url}/?base=vnd&symbol=btc&quote=inverse`);
  await hydrated(page);
  await page.getByRole('button', { name: 'All digits' }).click();
  await expect(page.locator('.told')).toHaveText(/^Copied 0\.000000000\d+$/);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\d+(\.\d+)?$/);
  const { result } = await (await fetch(`${rates.url}/api/convert?from=vnd&to=btc&amount=1`)).json();
  expect(Number(copied)).toBe(result);
});
