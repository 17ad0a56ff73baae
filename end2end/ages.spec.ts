// What the page says of rates that grow old: the same before and after the browser takes it over.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faketime, record } from './past';
import { binary, expect, hydrated, test } from './server';

test.setTimeout(60_000);

/** When the rates were taken, in minutes before now. */
const TAKEN = 61;
/** A day before that, and as late as it may be. */
const DAY_BEFORE = TAKEN + 1440 - 29;

for (const history of [false, true]) {
  for (const [age, before] of [[0, 0], [59, 58], [61, 59]]) {
    const what = history ? 'with a history' : 'without a history';
    test(`rates of ${age} minutes ${what} are told as old, or not, in HTML and in the browser alike`, async ({ page, rates }) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'crypto-rates-'));
      try {
        rates.upstream.values = { usd: 70_000 };
        if (history) await record(binary, rates.upstream.url, folder, DAY_BEFORE);
        rates.upstream.values = { usd: 72_800 };
        await record(binary, rates.upstream.url, folder, TAKEN);
        // The server's clock stands in a file, so that it can be set while the server runs.
        const clock = path.join(folder, 'clock');
        const set = (age: number) => writeFile(clock, age === TAKEN ? '+0\n' : `-${TAKEN - age}m\n`);
        await set(before);
        await rates.start({
          CACHE_DURATION: '7200',
          STORE_URL: `file://${folder}`,
          LD_PRELOAD: faketime(),
          FAKETIME_TIMESTAMP_FILE: clock,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        });
        // What is kept of these rates was made when they were younger.
        await (await fetch(`${rates.url}/?sort=name`)).text();
        await set(age);
        await page.clock.install({ time: Date.now() - (TAKEN - age) * 60_000 });
        let loads = 0;
        page.on('load', () => (loads += 1));
        const addresses = ['/', '/?sort=name', '/?type=fiat', '/?symbol=usd', '/?base=eur&quote=inverse'];
        for (const address of addresses) {
          const response = await page.goto(rates.url + address);
          const html = await response!.text();
          await hydrated(page);
          const [sent, taken] = await page.evaluate((html) => {
            const told = (page: Document) => ({
              changes: [...page.querySelectorAll('table.rates td:nth-child(6)')].map((cell) => cell.textContent),
              // Without the time, which becomes the reader's own.
              why: [...page.querySelectorAll('.why-not')].map((why) => why.firstChild?.textContent),
            });
            return [told(new DOMParser().parseFromString(html, 'text/html')), told(document)];
          }, html);
          expect(taken, address).toEqual(sent);
          // And true.
          const why = page.locator('.why-not');
          if (age > 60) await expect(why).toContainText('these rates are more than an hour old');
          else if (!history) await expect(why).toContainText('Changes over 24 hours appear once');
          else await expect(why).toBeHidden();
          const usd = page.locator('table.rates tbody tr:has(button[value=usd]) td:nth-child(6)');
          if (age > 60 || !history) await expect(usd).toHaveText('–');
          else await expect(usd).toHaveText(/^\+\d\.\d\d\s%$/);
        }
        // A page that has trapped would be loaded again.
        expect(loads).toBe(addresses.length);
      } finally {
        // The server goes when the page has been asked what it said.
        await rm(folder, { recursive: true });
      }
    });
  }
}
