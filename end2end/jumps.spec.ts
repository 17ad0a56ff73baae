// Nothing jumps: neither when the browser takes the page over, nor when rates come.

import { expect, fonts, hydrated, test, write, type Rates } from './server';
import { jumps, watch } from './shifts';

/** Starts the server in a state, and says which page to look at. */
const states: Record<string, (rates: Rates) => Promise<string>> = {
  live: async (rates) => {
    await rates.start({ CACHE_DURATION: '2' });
    return '/';
  },
  'in detail': async (rates) => {
    await rates.start({ CACHE_DURATION: '2' });
    return '/?symbol=usd&base=eur';
  },
  'on the wall': async (rates) => {
    await rates.start({ CACHE_DURATION: '2' });
    return '/?view=board';
  },
  sample: async (rates) => {
    rates.upstream.failing = true;
    await rates.start({ RATES_SOURCES: 'coingecko,sample' });
    return '/';
  },
  'older rates among others': async (rates) => {
    await rates.start({ RATES_SOURCES: 'coingecko,coinbase', CACHE_DURATION: '1' });
    rates.upstream.failing = true;
    await expect
      .poll(async () => (await (await fetch(`${rates.url}/api/rates`)).json()).data_source)
      .toBe('coinbase');
    return '/';
  },
};

// What jumps does so again. On a busy machine the browser may paint between two steps that belong together.
test.describe.configure({ retries: 1 });

for (const [width, height] of [[360, 780], [768, 1024], [1440, 900]]) {
  for (const [locale, font] of [['en-GB', fonts.usual], ['de-DE', fonts.wide]]) {
    test.describe(`${width} px, ${locale}, ${font}`, () => {
      test.use({ viewport: { width, height }, locale });

      for (const [name, start] of Object.entries(states)) {
        test(`${name}: nothing jumps`, async ({ page, rates }) => {
          const address = await start(rates);
          await watch(page);
          await write(page, font);
          await page.goto(rates.url + address);
          if (address.includes('board')) await expect(page.locator('.wall-page')).toContainText('1 /');
          else await hydrated(page);
          if (name === 'live') {
            rates.upstream.values = { usd: 85_000.25, eur: 65_000 };
            await expect(page.locator('.figure').first()).toHaveText(/^USD.*85[.,]000[.,]2/);
          }
          // The clock has ticked, whose timer is over before this one however late both are, and what was
          // to be painted is.
          await page.waitForFunction(
            () =>
              new Promise((done) =>
                setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))), 1_100),
              ),
          );
          expect(await jumps(page)).toEqual([]);
        });
      }
    });
  }
}
