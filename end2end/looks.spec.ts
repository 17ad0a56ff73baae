// What the page looks like: nothing overflows, everything is readable, and pictures to look at in
// end2end/results/looks.

import AxeBuilder from '@axe-core/playwright';
import { expect, hydrated, test } from './server';

const screens = { phone: [360, 780], tablet: [768, 1024], laptop: [1440, 900], wall: [3840, 2160] } as const;

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, [width, height]] of Object.entries(screens)) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport: { width, height } });

      test('fits and is accessible', async ({ page, rates }) => {
        await rates.start();
        await page.goto(rates.url);
        await hydrated(page);
        await page.screenshot({ path: `end2end/results/looks/${name}-${colorScheme}.png` });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
      });
    });
  }
}

test.describe('alerts', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
      test.use({ colorScheme });

      test('the sample is accessible', async ({ page, rates }) => {
        rates.upstream.failing = true;
        await rates.start({ RATES_SOURCES: 'coingecko,sample' });
        await page.goto(`${rates.url}/?base=xyz&q=zz`);
        await hydrated(page);
        await page.screenshot({ path: `end2end/results/looks/sample-${colorScheme}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
      });
    });
  }

  test('the API documentation is accessible', async ({ page, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/api/docs`);
    await page.screenshot({ path: 'end2end/results/looks/docs.png' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
});
