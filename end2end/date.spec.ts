// The rates of an earlier day: chosen in the converter, in the address, without JavaScript, and the way back.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Page } from '@playwright/test';
import { record } from './past';
import { binary, expect, hydrated, test, type Rates } from './server';

const MINUTES_OF_A_DAY = 1_440;

/** So many days ago, as addresses have it. */
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);

/** Starts a server whose history has a dollar of 70,000 three days ago, and that is at 80,000 now. */
async function start(rates: Rates, variables: Record<string, string> = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'crypto-rates-'));
  rates.upstream.values = { usd: 70_000 };
  await record(binary, rates.upstream.url, folder, 3 * MINUTES_OF_A_DAY);
  rates.upstream.values = { usd: 80_000 };
  await rates.start({ STORE_URL: `file://${folder}`, ...variables });
  await rates.waitFor('usd', 80_000);
  const answer = await fetch(`${rates.url}/api/convert?from=btc&to=usd&date=${day(2)}`);
  return (await answer.json()).recorded_at as string;
}

const dollars = (page: Page) => page.locator('table.rates tbody tr:has([value=usd]) td:nth-child(4)');
const field = (page: Page) => page.getByLabel('Rates on');
const go = (page: Page) => page.getByRole('button', { name: 'Go', exact: true }).click();
const show = (page: Page) => page.getByRole('button', { name: 'Show' }).click();

async function isOfTheDay(page: Page, recorded: string) {
  await expect(dollars(page)).toHaveText('70,000.00');
  await expect(page.locator('.pill')).toHaveText('Not live');
  await expect(page.locator('.alert-danger')).toContainText('Not live rates.');
  await expect(page.locator('.alert-danger time')).toHaveAttribute('datetime', recorded);
  await expect(page.locator('.next')).toHaveCount(0);
  await expect(page.locator('.credit')).toHaveCount(0);
  // What takes a script to do anything is not there.
  for (const name of ['Refresh', 'Copy', 'All digits', 'Pin USD', /^Theme/, 'Keys and help']) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
  await expect(page.locator('html')).not.toHaveAttribute('data-live');
}

async function isOfNow(page: Page) {
  await expect(dollars(page)).toHaveText('80,000.00');
  await expect(page.locator('.pill')).toHaveText('Live');
  await expect(page.locator('.alert-danger')).toHaveCount(0);
  await expect(field(page)).toHaveValue('');
}

test('a day that is chosen shows its rates, which stay, and a link leads back', async ({ page, rates }) => {
  const recorded = await start(rates, { CACHE_DURATION: '1' });
  await page.goto(`${rates.url}/?amount=2&type=fiat&quote=inverse`);
  await hydrated(page);
  const questions: string[] = [];
  page.on('request', (request) => questions.push(new URL(request.url()).pathname));
  await field(page).fill(day(3));
  await go(page);
  await expect(page).toHaveURL(`${rates.url}/?amount=2&quote=inverse&type=fiat&date=${day(3)}`);
  await expect(dollars(page)).toHaveText('140,000.0');
  await expect(field(page)).toHaveValue(day(3));
  await page.getByLabel('Amount').fill('1');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${rates.url}/?quote=inverse&type=fiat&date=${day(3)}`);
  await isOfTheDay(page, recorded);
  await expect(page).toHaveTitle(new RegExp(`– ${day(3)}$`));
  await expect(page.locator('.why-not')).toContainText('only of the rates of now');
  questions.length = 0;
  rates.upstream.values = { usd: 81_000 };
  await rates.waitFor('usd', 81_000);
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await expect(dollars(page)).toHaveText('70,000.00');
  expect(questions).toEqual([]);
  rates.upstream.values = { usd: 80_000 };
  await rates.waitFor('usd', 80_000);
  await page.getByRole('link', { name: 'Back to now' }).click();
  await expect(page).toHaveURL(`${rates.url}/?quote=inverse&type=fiat`);
  await hydrated(page);
  await isOfNow(page);
});

test('base, currency and the back button keep the day', async ({ page, rates }) => {
  const recorded = await start(rates);
  const address = `${rates.url}/?date=${day(3)}`;
  await page.goto(address);
  await page.getByLabel('Base').selectOption('eur');
  await expect(page).toHaveURL(address);
  await show(page);
  await expect(page).toHaveURL(`${rates.url}/?base=eur&date=${day(3)}`);
  await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('usd');
  await show(page);
  const past = await (await fetch(`${rates.url}/api/rates/usd?base=eur&date=${recorded}`)).json();
  await expect(page.locator('.inverse, .pair-value').first()).toContainText('USD');
  await expect(page.locator('.result')).toContainText(past.value.toFixed(2));
  await expect(page.locator('.chart-none')).toContainText('only of the rates of now');
  await expect(page).toHaveURL(`${rates.url}/?base=eur&symbol=usd&date=${day(3)}`);
  // Its links for programs lead to that very record.
  const json = new URL((await page.getByRole('link', { name: 'JSON' }).getAttribute('href'))!, rates.url);
  const answer = await (await fetch(json)).json();
  expect([answer.recorded_at, answer.base]).toEqual([recorded, 'eur']);
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(address);
  await isOfTheDay(page, recorded);
  await expect(page.getByLabel('Base')).toHaveValue('btc');
  await page.getByRole('link', { name: 'Crypto Rates' }).click();
  await hydrated(page);
  await isOfNow(page);
  await page.goBack();
  await isOfTheDay(page, recorded);
  await page.goForward();
  await hydrated(page);
  await isOfNow(page);
});

test('a day is typed to its end, and an emptied field leads back', async ({ page, rates }) => {
  const recorded = await start(rates);
  await page.goto(rates.url);
  await hydrated(page);
  const [year, month, date] = day(3).split('-');
  await field(page).focus();
  // In the order of the browser's own language, which is American.
  await page.keyboard.type(`${month}${date}${year}`);
  await expect(field(page)).toHaveValue(day(3));
  await expect(page).toHaveURL(`${rates.url}/`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${rates.url}/?date=${day(3)}`);
  await isOfTheDay(page, recorded);
  await field(page).fill('');
  await show(page);
  await expect(page).toHaveURL(`${rates.url}/`);
  await hydrated(page);
  await isOfNow(page);
});

test('a day without rates is named, and the rates of now are shown', async ({ page, rates }) => {
  const recorded = await start(rates);
  for (const [date, why] of [
    [day(4), 'begins at ' + recorded.slice(0, 10)],
    ['2019-02-29', 'there is no such day'],
    [day(-3), 'this day has not begun'],
    ['soon', 'it takes a day'],
  ]) {
    await page.goto(`${rates.url}/?base=usd&date=${date}`);
    await hydrated(page);
    await expect(page.locator('.alert-info')).toContainText(`“date” can't be “${date}”`);
    await expect(page.locator('.alert-info')).toContainText(why);
    await expect(page.locator('.pill')).toHaveText('Live');
    await expect(field(page)).toHaveValue('');
    await page.getByRole('link', { name: 'Dismiss' }).click();
    await expect(page).toHaveURL(`${rates.url}/?base=usd`);
    await expect(page.locator('.alert-info')).toHaveCount(0);
  }
  await page.goto(`${rates.url}/?base=usd&date=${day(0)}`);
  await expect(page).toHaveURL(`${rates.url}/?base=usd`);
  await hydrated(page);
});

test('the wallboard of a day says so', async ({ page, rates }) => {
  await start(rates);
  await page.goto(`${rates.url}/?view=board&date=${day(3)}`);
  await expect(page.locator('.wall-banner')).toContainText('NOT LIVE RATES');
  await expect(page.locator('.tiles li').filter({ has: page.locator('[value=usd]') })).toContainText('70,000.00');
  // All tiles are there, without pages that turn.
  expect(await page.locator('.tiles > li').count()).toBeGreaterThan(70);
  await expect(page.locator('.wall-controls button:visible')).toHaveCount(0);
  await page.getByRole('link', { name: 'Table' }).click();
  await expect(page).toHaveURL(`${rates.url}/?date=${day(3)}`);
});

test('a page of a day is plain HTML, which loads no script and says nothing', async ({ page, rates, said }) => {
  const recorded = await start(rates);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.resourceType()));
  await page.addInitScript(() => localStorage.setItem('favourites', 'gbp,usd'));
  for (const query of ['', 'base=eur&symbol=usd', 'type=fiat&q=dollar', 'view=board']) {
    await page.goto(`${rates.url}/?${query}&date=${day(3)}`, { waitUntil: 'networkidle' });
    await expect(page.locator('script[type=module], script[src], link[rel=modulepreload], #latest')).toHaveCount(0);
    expect(await page.content()).not.toContain('.wasm');
    await page.keyboard.press('?');
    await page.keyboard.press('r');
    await expect(page.locator('dialog')).toHaveCount(0);
  }
  expect(asked.filter((type) => !['document', 'stylesheet', 'image', 'manifest', 'other'].includes(type))).toEqual([]);
  expect(said).toEqual([]);
  // The reader's favourites are on top, and the theme is theirs.
  await page.goto(`${rates.url}/?date=${day(3)}`);
  await isOfTheDay(page, recorded);
  await expect(page.locator('table.rates tbody tr b').first()).toHaveText('GBP');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'system');
});

test.describe('without a network', () => {
  test.use({ expectSilence: false });

  test('the page that is kept does not pass for that of a day', async ({ page, context, rates }) => {
    await start(rates);
    await page.goto(rates.url);
    await hydrated(page);
    await expect.poll(() => page.evaluate(async () => (await caches.keys()).length)).toBe(1);
    await expect.poll(() => page.evaluate(async () => !!(await caches.match('/')))).toBe(true);
    await context.setOffline(true);
    await rates.stop();
    await page.goto(`${rates.url}/?date=${day(3)}`);
    await expect(page.getByRole('heading')).toContainText('an earlier day are not there without a network');
    await expect(dollars(page)).toHaveCount(0);
    await page.getByRole('link', { name: 'The last rates of now' }).click();
    await hydrated(page);
    await expect(dollars(page)).toHaveText('80,000.00');
    await expect(field(page)).toHaveValue('');
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a day is a field of the form, and a link leads back', async ({ page, rates }) => {
    const recorded = await start(rates);
    await page.goto(`${rates.url}/?type=fiat`);
    await isOfNow(page);
    await field(page).fill(day(3));
    await go(page);
    await expect(page).toHaveURL(`${rates.url}/?type=fiat&date=${day(3)}`);
    await isOfTheDay(page, recorded);
    await expect(field(page)).toHaveValue(day(3));
    await expect(page.locator('noscript meta')).toHaveCount(0);
    await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('usd');
    await show(page);
    await isOfTheDay(page, recorded);
    await expect(page.locator('.pair-value')).toContainText('70,000.00');
    await page.getByRole('link', { name: 'Back to now' }).click();
    await isOfNow(page);
    await page.goBack();
    await isOfTheDay(page, recorded);
  });
});
