// How the wallboard turns its pages: by itself, by keys, buttons and swipes.

import { expect, standStill, test } from './server';

const tiles = '.tiles > li';

test.use({ viewport: { width: 1920, height: 1080 } });

test('it pages through all rates by itself, and is steered when touched', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  await page.goto(`${rates.url}/?view=board`);
  const place = page.locator('.wall-page');
  await expect(place).toHaveText('1 / 12');
  await standStill(page);
  await expect(page.locator(tiles)).toHaveCount(9);
  await expect(page.locator(tiles).filter({ hasText: 'USD' })).toContainText('75,817.76');
  await expect(page.locator('.wall .taken')).toContainText('Rates of');
  await expect(page.locator('.wall .credit')).toHaveText('Data provided by CoinGecko');
  await expect(page.locator('.wall-controls')).toBeHidden();
  const shown = new Set<string>();
  const first = await page.locator('.tile-code').allTextContents();
  for (let turn = 1; turn <= 12; turn += 1) {
    await expect(place).toHaveText(`${turn} / 12`);
    const codes = await page.locator('.tile-code').allTextContents();
    // The first row stays, and only the rest turns.
    expect(codes.slice(0, 3)).toEqual(first.slice(0, 3));
    expect(codes.length).toBe(9);
    for (const code of codes) shown.add(code);
    await page.clock.runFor(12_000);
  }
  await expect(place).toHaveText('1 / 12');
  // All but the base.
  expect(shown.size).toBe(75);

  await page.mouse.move(300, 300);
  await expect(page.locator('.wall-controls')).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(place).toHaveText('2 / 12');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.clock.runFor(60_000);
  await expect(place).toHaveText('2 / 12, paused');
  await expect(page.locator('.wall-controls')).toBeHidden();
  await page.keyboard.press('k');
  await expect(place).toHaveText('1 / 12, paused');
  await page.keyboard.press(' ');
  await expect(place).toHaveText('1 / 12');
  await page.keyboard.press('w');
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
  await expect(page).toHaveURL(rates.url + '/');
  await page.goBack();
  await expect(page.locator(tiles)).toHaveCount(9);
});

test('a key on a button presses the button', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  await page.goto(`${rates.url}/?view=board`);
  await expect(page.locator('.wall-page')).toHaveText('1 / 12');
  // Nor does it go on by itself meanwhile.
  await standStill(page);
  await page.mouse.move(20, 20);
  await page.getByRole('button', { name: 'Next' }).focus();
  await page.keyboard.press(' ');
  await expect(page.locator('.wall-page')).toHaveText('2 / 12');
});

test('the address says how many seconds a page is shown', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  const place = page.locator('.wall-page');
  for (const [rotate, seconds] of [['5', 5], ['60', 60], ['4', 12]] as const) {
    await page.goto(`${rates.url}/?view=board&rotate=${rotate}`);
    await expect(place).toHaveText('1 / 12');
    const note = page.locator('.wall-note');
    if (rotate === '4') await expect(note).toContainText('“rotate” can\'t be “4”: it takes 0 or a number of seconds from 5 to 3600');
    else await expect(note).not.toContainText('rotate');
    await standStill(page);
    await page.keyboard.press('ArrowRight');
    await expect(place).toHaveText('2 / 12');
    await page.clock.runFor((seconds - 2) * 1000);
    await expect(place).toHaveText('2 / 12');
    await page.clock.runFor(3_000);
    await expect(place).toHaveText('3 / 12');
  }
  await page.goto(`${rates.url}/?view=board&rotate=0`);
  await expect(place).toHaveText('1 / 12');
  await standStill(page);
  await page.clock.runFor(120_000);
  await expect(place).toHaveText('1 / 12');
  await page.keyboard.press('ArrowLeft');
  await expect(place).toHaveText('12 / 12');
  await page.mouse.move(300, 300);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.clock.runFor(13_000);
  await expect(place).toHaveText('1 / 12');
  // The link to the table keeps it.
  await page.mouse.move(320, 320);
  await expect(page.getByRole('link', { name: 'Table' })).toHaveAttribute('href', '?rotate=0');
});

test('it is turned by keys, also where letters do nothing', async ({ page, rates }) => {
  await rates.start();
  await page.addInitScript(() => localStorage.setItem('keys', 'off'));
  await page.goto(`${rates.url}/?view=board&rotate=0`);
  const place = page.locator('.wall-page');
  await expect(place).toHaveText('1 / 12');
  for (const [key, expected] of [
    ['ArrowRight', 2], ['PageDown', 3], ['ArrowLeft', 2], ['j', 2], ['PageUp', 1], ['ArrowLeft', 12],
  ] as const) {
    await page.keyboard.press(key);
    await expect(place).toHaveText(`${expected} / 12`);
  }
});

test.describe('on a screen that is touched', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('a swipe turns, a tap shows the controls, and they cover nothing', async ({ page, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/?view=board&rotate=0`);
    const place = page.locator('.wall-page');
    await expect(place).toHaveText('1 / 13');
    await expect(page.locator(tiles)).toHaveCount(8);
    const session = await page.context().newCDPSession(page);
    const swipe = async (...xs: number[]) => {
      for (const [step, x] of xs.entries()) {
        const type = step === 0 ? 'touchStart' : 'touchMove';
        await session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y: 400 }] });
      }
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    await swipe(300, 280, 260, 230, 200, 150, 80);
    await expect(place).toHaveText('2 / 13');
    await swipe(80, 100, 130, 160, 300);
    await expect(place).toHaveText('1 / 13');
    await swipe(200, 190, 180);
    await expect(place).toHaveText('1 / 13');
    // Where they are hidden, a finger only brings them.
    await expect(page.locator('.wall-controls')).toBeHidden();
    const bar = (await page.locator('.wall-controls').boundingBox())!;
    await page.touchscreen.tap(bar.x + 20, bar.y + bar.height / 2);
    await expect(page.locator('.wall-controls')).toBeVisible();
    await expect(page.locator(tiles)).toHaveCount(8);
    for (const part of ['.tiles > li', '.wall-note', '.wall-head']) {
      for (const box of await page.locator(part).evaluateAll((all) => all.map((it) => it.getBoundingClientRect().toJSON()))) {
        const apart = box.bottom <= bar.y || box.top >= bar.y + bar.height || box.right <= bar.x;
        expect(apart, part).toBe(true);
      }
    }
  });
});
