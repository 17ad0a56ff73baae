// What is told by more than colour: contrast themes, up and down, and paper.

import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { record } from './past';
import { binary, expect, hydrated, type Rates, test } from './server';

/** The colours of an element and of what is drawn before its text. */
const drawn = (page: Page, selector: string, pseudo?: string) =>
  page.locator(selector).first().evaluate((element, pseudo) => {
    const { color, backgroundColor, borderTopColor, borderTopWidth, content, maskImage, display } = getComputedStyle(element, pseudo);
    return { color, backgroundColor, borderTopColor, borderTopWidth, content, maskImage, display };
  }, pseudo);

/** A server whose dollar has risen and whose euro has fallen within a day. */
async function withChanges(rates: Rates) {
  const folder = mkdtempSync(path.join(tmpdir(), 'changes-'));
  rates.upstream.values = { usd: 70_000, eur: 70_000 };
  await record(binary, rates.upstream.url, folder, 1438);
  rates.upstream.values = {};
  await rates.start({ STORE_URL: `file://${folder}` });
  // Until then it shows what the last one left.
  await rates.waitFor('usd', 75817.765);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in a ${colorScheme} contrast theme`, () => {
    test.use({ colorScheme, contextOptions: { forcedColors: 'active' } });

    test('stars, what is chosen, the status and all dividers are seen', async ({ page, rates }) => {
      await rates.start();
      await page.goto(`${rates.url}/?symbol=usd`);
      await hydrated(page);
      await page.getByRole('button', { name: 'Pin EUR' }).click();
      await page.mouse.move(0, 0);
      const canvas = (await drawn(page, 'body')).backgroundColor;
      const highlight = await page.evaluate(() => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.background = 'Highlight';
        return getComputedStyle(probe).backgroundColor;
      });
      const pinned = await drawn(page, '.rates button[aria-pressed=true]', '::before');
      const unpinned = await drawn(page, '.rates button[aria-pressed=false]', '::before');
      for (const star of [pinned, unpinned]) expect(star.backgroundColor).not.toBe(canvas);
      // By its shape, too.
      expect(pinned.maskImage).not.toBe(unpinned.maskImage);
      for (const list of ['.toolbar', '.spans']) {
        const active = await drawn(page, `${list} .nav-link.active`);
        expect(active.backgroundColor, list).toBe(highlight);
        expect(active.color, list).not.toBe(active.backgroundColor);
        expect((await drawn(page, `${list} .nav-link:not(.active)`)).backgroundColor, list).not.toBe(active.backgroundColor);
      }
      expect((await drawn(page, '.pill', '::before')).backgroundColor).not.toBe(canvas);
      expect((await drawn(page, '.pill')).borderTopColor).not.toBe(canvas);
      // The frame of a highlight.
      expect((await drawn(page, '.figure a')).borderTopColor).not.toBe(canvas);
      await page.screenshot({ path: `end2end/results/looks/contrast-${colorScheme}.png` });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });

    test('the help’s box and the tiles of the wallboard are seen', async ({ page, rates }) => {
      await rates.start();
      await page.goto(rates.url);
      await hydrated(page);
      await page.getByRole('button', { name: 'Keys and help' }).click();
      const canvas = (await drawn(page, 'body')).backgroundColor;
      await expect(page.getByLabel('Single letters do this')).toBeVisible();
      expect((await drawn(page, '.help')).borderTopColor).not.toBe(canvas);
      await page.screenshot({ path: `end2end/results/looks/contrast-help-${colorScheme}.png` });
      rates.upstream.failing = true;
      await page.goto(`${rates.url}/?view=board`);
      await expect(page.locator('.wall-page')).toContainText('1 /');
      const tile = await drawn(page, '.tile');
      expect([tile.borderTopWidth, tile.borderTopColor === canvas]).toEqual(['1px', false]);
      await page.screenshot({ path: `end2end/results/looks/contrast-wall-${colorScheme}.png` });
    });

    test('rates that are not to be trusted have another pill', async ({ page, rates }) => {
      rates.upstream.failing = true;
      await rates.start({ RATES_SOURCES: 'coingecko,sample' });
      await page.goto(rates.url);
      await hydrated(page);
      await expect(page.locator('.pill')).toHaveText('Sample');
      const canvas = (await drawn(page, 'body')).backgroundColor;
      const pill = await drawn(page, '.pill');
      expect(pill.backgroundColor).not.toBe(canvas);
      expect(pill.color).toBe(canvas);
    });
  });

  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('up and down differ in luminance, and stand out from every ground', async ({ page, rates }) => {
      await rates.start();
      await page.goto(rates.url);
      const luminances = await page.evaluate(() => {
        const probe = document.body.appendChild(document.createElement('i'));
        const luminance = (variable: string) => {
          probe.style.color = `var(${variable})`;
          const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g)!.map((channel) => {
            const share = Number(channel) / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return Object.fromEntries(['good', 'bad', 'bs-body-bg', 'panel', 'row-hover'].map((name) => [name, luminance(`--${name}`)]));
      });
      const ratio = (one: string, other: string) => {
        const [low, high] = [luminances[one], luminances[other]].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
      };
      expect(ratio('good', 'bad')).toBeGreaterThanOrEqual(1.5);
      for (const colour of ['good', 'bad']) {
        for (const ground of ['bs-body-bg', 'panel', 'row-hover']) expect(ratio(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    });
  });
}

test('up and down have a mark of their own, which moves nothing and is not read out', async ({ page, rates }) => {
  await withChanges(rates);
  const marks = { up: '"▲" / ""', down: '"▼" / ""', '': 'none' };
  const change = 'td:nth-child(6)';
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  for (const [direction, code] of [['up', 'usd'], ['down', 'eur'], ['', 'btc']] as const) {
    const row = page.locator('.rates tbody tr', { has: page.locator(`[value=${code}]`) });
    await expect(row).toHaveClass(new RegExp(`^${direction}( ?open)?$`));
    const content = await row.locator(change).evaluate((cell) => getComputedStyle(cell, '::before').content);
    expect(content, code).toBe(marks[direction]);
  }
  await expect(page.getByRole('row', { name: /USD.*US Dollar.*\+8\.31/ })).toHaveCount(1);
  await expect(page.getByRole('row', { name: /[▲▼]/ })).toHaveCount(0);
  expect((await drawn(page, '.facts dd.up', '::before')).content).toBe(marks.up);
  expect((await drawn(page, '.facts dd:not(.up)', '::before')).content).toBe('none');
  for (const width of [320, 360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    // The column is as wide as without, and what has no room in it had none before.
    const needs = (mark: string) =>
      page.locator(`.rates tbody tr:is(.up, .down) ${change}`).evaluateAll((cells, mark) => {
        for (const cell of cells) (cell as HTMLElement).style.setProperty('--mark', mark);
        return cells.map((cell) => [cell.clientWidth, cell.clientHeight, cell.scrollWidth]);
      }, mark);
    expect(await needs(''), `${width} px`).toEqual(await needs('initial'));
    await needs('');
  }
  await page.goto(`${rates.url}/?view=board&symbols=usd,eur`);
  for (const [direction, code] of [['up', 'usd'], ['down', 'eur']] as const) {
    expect((await drawn(page, `.tile:has([value=${code}]) .tile-change`, '::before')).content).toBe(marks[direction]);
  }
  await page.goto(`${rates.url}/?view=rate&symbol=eur`);
  expect((await drawn(page, '.rate-tile-change span', '::before')).content).toBe(marks.down);
});

test.describe('on paper', () => {
  test.use({ colorScheme: 'dark', viewport: { width: 794, height: 1123 } });

  test('there is the whole table with source and time, in black on white, and nothing to press', async ({ page, rates }) => {
    await withChanges(rates);
    await page.goto(rates.url);
    await hydrated(page);
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    for (const address of ['/', '/?symbol=usd&q=dollar']) {
      await page.goto(rates.url + address);
      await hydrated(page);
      await page.emulateMedia({ media: 'print' });
      await page.screenshot({ path: `end2end/results/looks/print${address.length > 1 ? '-detail' : ''}.png`, fullPage: true });
      for (const what of ['button', 'input', 'select', '.nav-pills', '.swap', '.close', '.foot a', '.tools', '.countdown']) {
        for (const one of await page.locator(what).all()) await expect(one, what).toBeHidden();
      }
      const rows = page.locator('.rates tbody tr');
      await expect(rows).toHaveCount(address === '/' ? 76 : 8);
      for (const what of ['.credit', '.taken', '.pill', '.rates thead']) await expect(page.locator(what)).toBeVisible();
      const top = async (what: string) => (await page.locator(what).first().boundingBox())!.y;
      expect(await top('.taken')).toBeLessThan(await top('.rates'));
      const head = await page.locator('.rates thead').evaluate((head) => getComputedStyle(head).display);
      const sticky = await page.locator('.rates thead th').first().evaluate((cell) => getComputedStyle(cell).position);
      expect([head, sticky]).toEqual(['table-header-group', 'static']);
      const { color, backgroundColor } = await drawn(page, 'body');
      expect([color, backgroundColor]).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
      expect((await drawn(page, '.rates tbody td')).color).toBe('rgb(0, 0, 0)');
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow).toBe(0);
      await page.emulateMedia({ media: 'screen' });
    }
  });
});
