// A row opens: both ways, and the history as a chart.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { record } from './past';
import { binary, expect, hydrated, test as base } from './server';

/** Rates of the last day, one an hour: dollars rise from 70 000 by 100 an hour, euros stay. */
const test = base.extend<{ day: void }>({
  day: [
    async ({ rates }, use) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'crypto-rates-'));
      const minutes = Array.from({ length: 24 }, (_, hour) => (24 - hour) * 60 - 2);
      for (const ago of minutes) {
        rates.upstream.values = { usd: 70_000 + (1_438 - ago) / 0.6 };
        await record(binary, rates.upstream.url, folder, ago);
      }
      rates.upstream.values = { usd: 72_800 };
      await rates.start({ STORE_URL: `file://${folder}` });
      // Until then it shows what the last one left.
      await rates.waitFor('usd', 72_800);
      await use();
      await rm(folder, { recursive: true });
    },
    { auto: true },
  ],
});

const usd = 'table.rates tbody tr:has(button[value=usd])';

test('rows tell the change of a day in any base, and draw it', async ({ page, rates }) => {
  await page.goto(rates.url);
  await hydrated(page);
  await expect(page.locator(`${usd} td:nth-child(6)`)).toHaveText('+4.00 %');
  await expect(page.locator(usd)).toHaveClass('up');
  await expect(page.locator(`${usd} path`)).toHaveAttribute('d', /^M0 22l8-1/);
  await expect(page.locator('.why-not')).toBeHidden();
  // In dollars, a euro has become dearer.
  await page.getByLabel('Base').selectOption('usd');
  const eur = page.locator('table.rates tbody tr:has(button[value=eur])');
  await expect(eur.locator('td:nth-child(6)')).toHaveText('+4.00 %');
  await expect(eur).toHaveClass('up');
  await page.getByRole('columnheader', { name: '24 h', exact: true }).getByRole('link').click();
  await expect(page).toHaveURL(`${rates.url}/?base=usd&sort=change`);
  await expect(page.getByRole('columnheader', { name: '24 h', exact: true })).toHaveAttribute('aria-sort', 'descending');
  await expect(page.locator('table.rates tbody tr').last()).toContainText('USD');
});

test.describe('a page that is cut off', () => {
  test.use({ expectSilence: false });

  test('tells no changes of rates that have grown old, nor in a base that it has none for', async ({ page, rates }) => {
    await page.clock.install({ time: Date.now() });
    await page.goto(rates.url);
    await hydrated(page);
    await rates.stop();
    await page.getByLabel('Base').selectOption('eur');
    await expect(page.locator('.why-not')).toHaveText('Changes in another base come once the server can be reached.');
    await expect(page.locator(`${usd} td:nth-child(6)`)).toHaveText('–');
    await page.getByLabel('Base').selectOption('btc');
    await expect(page.locator('.why-not')).toBeHidden();
    await expect(page.locator(`${usd} td:nth-child(6)`)).toHaveText('+4.00 %');
    await page.clock.runFor(3_700_000);
    await expect(page.locator('.why-not')).toContainText('these rates are more than an hour old');
    await expect(page.locator(`${usd} td:nth-child(6)`)).toHaveText('–');
    await expect(page.locator(`${usd} path`)).toHaveAttribute('d', '');
  });
});

test('a row opens by mouse and by key, and the back button closes it', async ({ page, rates }) => {
  await page.goto(rates.url);
  await hydrated(page);
  await page.locator(usd).getByRole('link').click();
  await expect(page).toHaveURL(`${rates.url}/?symbol=usd`);
  await expect(page.getByRole('heading', { name: 'US Dollar per Bitcoin' })).toBeFocused();
  await expect(page.locator('.chart .line')).toHaveAttribute('d', /^M/);
  await page.goBack();
  await expect(page.locator('.detail')).toHaveCount(0);
  await page.locator(usd).getByRole('cell', { name: '72,800' }).click();
  await expect(page.locator('.detail')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.detail')).toHaveCount(0);
  await expect(page.locator(usd).getByRole('link')).toBeFocused();
});

test('the chart tells high, low and every value, by pointer, by key and as a table', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  await expect(page.locator('.facts')).toContainText(/High.*72,800.*Low.*70,000.*Change since.*\+4.00\s%/);
  const readout = page.locator('.readout');
  await expect(readout).toHaveText(/: 72,800.00$/);
  const plot = (await page.locator('.plot').boundingBox())!;
  await page.mouse.move(plot.x + 1, plot.y + plot.height / 2);
  await expect(readout).toHaveText(/: 70,000.00$/);
  const point = page.getByLabel('Point in time');
  await point.focus();
  await page.keyboard.press('ArrowRight');
  await expect(readout).toHaveText(/: 70,100.00$/);
  await expect(point).toHaveAttribute('aria-valuetext', /: 70,100.00$/);
  await page.keyboard.press('End');
  await expect(readout).toHaveText(/: 72,800.00$/);
  await page.getByText('The same as a table').click();
  await expect(page.locator('.numbers tbody tr')).toHaveCount(25);
  await expect(page.locator('.numbers tbody tr').first()).toContainText('70,000.00');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  // The chart goes by the amount, as everything does.
  await page.getByLabel('Amount').fill('2');
  await expect(readout).toHaveText(/: 145,600.0$/);
});

test('an axis has round values, and high and low are marked', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  const scale = page.locator('.scale text');
  await expect(scale).toHaveText(['70,000', '71,000', '72,000']);
  // A line for each, as high as its label.
  await expect(page.locator('.plot .grid')).toHaveAttribute('d', /^(M0 [\d.]+H480){3}$/);
  const plot = (await page.locator('.plot').boundingBox())!;
  const lines = (await page.locator('.plot .grid').getAttribute('d'))!.match(/(?<=M0 )[\d.]+/g)!;
  for (const [index, line] of lines.entries()) {
    const label = (await scale.nth(index).boundingBox())!;
    expect(Math.abs(label.y + label.height / 2 - (plot.y + (plot.height * Number(line)) / 200))).toBeLessThan(3);
    expect(label.x).toBeGreaterThanOrEqual(plot.x + plot.width);
  }
  await expect(page.locator('.plot text')).toHaveText(['72,800.00', '70,000.00']);
  await expect(page.locator('.plot .marks')).toHaveAttribute('d', /^M480 24h0M[\d.]+ 176h0$/);
  await expect(page.locator('.plot .area')).toHaveCount(0);
  // What is written fits into the panel.
  const panel = (await page.locator('.detail').boundingBox())!;
  for (const text of await page.locator('.chart text').all()) {
    const box = (await text.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(panel.x);
    expect(box.x + box.width).toBeLessThanOrEqual(panel.x + panel.width);
  }
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('the axis is written as the reader writes numbers', async ({ page, rates }) => {
    await page.goto(`${rates.url}/?symbol=usd&lang=en`);
    await hydrated(page);
    await expect(page.locator('.scale text')).toHaveText(['70.000', '71.000', '72.000']);
    await expect(page.locator('.plot text')).toHaveText(['72.800,00', '70.000,00']);
  });
});

test('the crosshair leaves with the pointer, and with the focus', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  const readout = page.locator('.readout');
  // By its style: a line has no width, and counts as hidden.
  const cross = page.locator('.plot .cross');
  const dot = page.locator('.plot .dot');
  await expect(readout).toHaveText(/: 72,800.00$/);
  await expect(cross).toHaveCSS('visibility', 'hidden');
  await expect(dot).toHaveAttribute('d', 'M480 24h0');
  await page.locator('.plot').hover({ position: { x: 1, y: 50 } });
  await expect(cross).toHaveCSS('visibility', 'visible');
  await expect(readout).toHaveText(/: 70,000.00$/);
  await page.locator('.readout').hover();
  await expect(cross).toHaveCSS('visibility', 'hidden');
  await expect(readout).toHaveText(/: 72,800.00$/);
  await expect(dot).toHaveAttribute('d', 'M480 24h0');
  const point = page.getByLabel('Point in time');
  await page.locator('.spans').getByRole('link', { name: '30 d' }).focus();
  await page.keyboard.press('Tab');
  await expect(point).toBeFocused();
  await expect(cross).toHaveCSS('visibility', 'visible');
  await page.keyboard.press('Home');
  await expect(readout).toHaveText(/: 70,000.00$/);
  await page.keyboard.press('Tab');
  await expect(cross).toHaveCSS('visibility', 'hidden');
  await expect(readout).toHaveText(/: 72,800.00$/);
  await expect(point).toHaveValue('24');
});

test('the line is coloured by its direction', async ({ page, rates }) => {
  const colour = async () =>
    page.locator('.chart').evaluate((chart) => {
      const of = (element: Element) => getComputedStyle(element).stroke;
      const probe = chart.appendChild(document.createElement('i'));
      const token = (name: string) => {
        probe.style.color = `var(${name})`;
        return getComputedStyle(probe).color;
      };
      const [good, bad, muted] = ['--good', '--bad', '--muted'].map(token);
      probe.remove();
      return { [good]: 'good', [bad]: 'bad', [muted]: 'muted' }[of(chart.querySelector('.line')!)];
    });
  await page.goto(`${rates.url}/?symbol=usd`);
  await expect(page.locator('.chart')).toHaveClass(/\bup\b/);
  expect(await colour()).toBe('good');
  await page.goto(`${rates.url}/?symbol=eur&base=usd&quote=inverse`);
  await expect(page.locator('.chart')).toHaveClass(/\bdown\b/);
  expect(await colour()).toBe('bad');
  // Euros stay.
  await page.goto(`${rates.url}/?symbol=eur`);
  await expect(page.locator('.chart')).toHaveClass(/\bflat\b/);
  expect(await colour()).toBe('muted');
  await expect(page.locator('.scale text')).toHaveCount(0);
});

test('the span stands in the address', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  const line = page.locator('.chart .line');
  const day = await line.getAttribute('d');
  await page.locator('.spans').getByRole('link', { name: '7 d' }).click();
  await expect(page).toHaveURL(`${rates.url}/?symbol=usd&span=7d`);
  await expect(line).not.toHaveAttribute('d', day!);
  await page.reload();
  await hydrated(page);
  await expect(page.locator('.spans').getByRole('link', { name: '7 d' })).toHaveAttribute('aria-current', 'true');
  await expect(line).toHaveAttribute('d', /^M/);
  // Of the last hour there are two values, so far apart that no line is drawn between them.
  await page.locator('.spans').getByRole('link', { name: '1 h' }).click();
  await expect(line).toHaveAttribute('d', /^M[^ML]+M[^ML]+$/);
});

test('two currencies share one axis in percent, by the address and by a select', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  const other = page.locator('.chart .other');
  await expect(other).toHaveAttribute('d', '');
  await page.getByLabel('Compare with').selectOption('eur');
  await expect(page).toHaveURL(`${rates.url}/?symbol=usd&compare=eur`);
  await expect(other).toHaveAttribute('d', /^M/);
  await expect(page.locator('.scale text')).toHaveText(['0 %', '2 %', '4 %']);
  const readout = page.locator('.readout');
  await expect(readout).toHaveText(/: USD\s\+4.00\s%, EUR\s0.00\s%$/);
  await page.locator('.plot').hover({ position: { x: 1, y: 50 } });
  await expect(readout).toHaveText(/: USD\s0.00\s%, EUR\s0.00\s%$/);
  await expect(page.getByLabel('Point in time')).toHaveAttribute('aria-valuetext', /: USD\s0.00\s%, EUR\s0.00\s%$/);
  await expect(page.locator('.facts')).toContainText(/Change since.*\+4.00\s%/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  // The server renders the same.
  await page.reload();
  await expect(other).toHaveAttribute('d', /^M/);
  await hydrated(page);
  await expect(page.getByLabel('Compare with')).toHaveValue('eur');
  await page.getByLabel('Compare with').selectOption('');
  await expect(page).toHaveURL(`${rates.url}/?symbol=usd`);
  await expect(page.locator('.scale text')).toHaveText(['70,000', '71,000', '72,000']);
  await expect(other).toHaveAttribute('d', '');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the chart is there, and its numbers', async ({ page, rates }) => {
    await page.goto(`${rates.url}/?symbol=usd&base=eur&amount=100`);
    await expect(page.getByRole('heading', { name: 'US Dollar per Euro' })).toBeVisible();
    await expect(page.getByRole('img', { name: 'US Dollar per Euro, 24 h' })).toBeVisible();
    await expect(page.locator('.readout')).toContainText('UTC');
    await expect(page.locator('.scale text')).toHaveCount(4);
    await page.getByText('The same as a table').click();
    await expect(page.locator('.numbers tbody tr')).toHaveCount(25);
    await page.getByLabel('Compare with').selectOption('gbp');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page).toHaveURL(/compare=gbp/);
    await expect(page.locator('.readout')).toContainText(/USD.*GBP/);
    await page.getByRole('link', { name: 'Swap' }).click();
    await expect(page.getByRole('heading', { name: 'Euro per US Dollar' })).toBeVisible();
    await page.locator('.spans').getByRole('link', { name: '30 d' }).click();
    await expect(page).toHaveURL(/span=30d/);
    await page.getByRole('link', { name: 'Close' }).click();
    await expect(page.locator('.detail')).toHaveCount(0);
  });
});

base('before there is a history, the page says why there is none', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  await expect(page.locator('.why-not')).toHaveText(/appear once the history is as long\. It begins at \d+ \w+ 20\d\d, \d\d:\d\d:\d\d$/);
  await expect(page.locator(`${usd} td:nth-child(6)`)).toHaveText('–');
  await expect(page.locator('.chart-none')).toContainText('There is no history of this time yet');
});
