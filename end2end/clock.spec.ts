// The reader's clock is set, or the device sleeps, while the page is open: rates keep their true age.

import { type Page } from '@playwright/test';
import { expect, hydrated, test } from './server';

/** Lets a test set the wall clock without touching the steady one. */
async function settable(page: Page) {
  await page.addInitScript(() => {
    const now = Date.now;
    let ahead = 0;
    Date.now = () => now() + ahead;
    Object.assign(window, { setClock: (seconds: number) => (ahead = 1000 * seconds) });
  });
}

const setClock = (page: Page, seconds: number) =>
  page.evaluate((seconds) => (window as unknown as { setClock: (seconds: number) => void }).setClock(seconds), seconds);

/** The page's clock has ticked: its timer, set earlier and for a shorter time, is over before this one. */
const ticked = (page: Page) => page.evaluate(() => new Promise((done) => setTimeout(done, 1_100)));

async function age(page: Page) {
  const text = await page.locator('.age').innerText();
  const [, number, unit] = /(\d+) (s|min|h|days) ago/.exec(text) ?? [text, '0', 's'];
  return Number(number) * { s: 1, min: 60, h: 3600, days: 86_400 }[unit as 's']!;
}

for (const stream of [true, false]) {
  for (const [jump, seconds] of [
    ['back by an hour', -3600],
    ['forward by an hour', 3600],
    ['forward by a day, as after a sleep', 86_400],
  ] as const) {
    test(`a clock that goes ${jump} is noticed, ${stream ? 'with' : 'without'} the stream`, async ({ page, rates }) => {
      if (!stream) await page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
      await rates.start();
      await settable(page);
      await page.goto(rates.url);
      await hydrated(page);
      // It asks at once where time may have passed.
      const asked = seconds > 0 ? page.waitForRequest(/fn\/latest/) : undefined;
      await setClock(page, seconds);
      await asked;
      await ticked(page);
      await expect.poll(() => age(page)).toBeLessThan(120);
      await expect(page.locator('.pill')).toHaveText('Live');
      await expect(page.locator('.countdown')).toHaveText(/in [0-4]:\d\d/);
    });
  }
}

test.describe('while the server is away', () => {
  test.use({ expectSilence: false });

  test('a page that has slept takes the time for passed', async ({ page, rates }) => {
    await rates.start();
    await settable(page);
    await page.goto(rates.url);
    await hydrated(page);
    await rates.stop();
    await setClock(page, 86_400);
    await expect(page.locator('.age')).toHaveText(/24 h ago/);
    await expect(page.locator('.pill')).toHaveText('Stale');
    // Set back, it does not make the rates younger.
    await setClock(page, 0);
    await ticked(page);
    await expect(page.locator('.age')).toHaveText(/24 h ago/);
  });
});
