// A page that is never closed does not grow.

import { expect, test } from './server';

const WASM_PAGE = 65_536;

test('200 refreshes leave as much memory in use as 20', async ({ page, rates }) => {
  // 400 refreshes.
  test.setTimeout(900_000);
  await rates.start({ CACHE_DURATION: '1' });
  // The size of the wasm's own memory, which the browser's heap does not count.
  await page.addInitScript(() => {
    const original = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const result = await original(source, imports);
      Object.assign(window, { memory: result.instance.exports.memory });
      return result;
    };
  });
  let answered = 0;
  // Each answer has other rates, as if the server had refreshed.
  await page.route('**/fn/latest*', async (route) => {
    answered += 1;
    const url = new URL(route.request().url());
    url.searchParams.delete('have');
    const answer = await (await fetch(url)).json();
    for (const rate of answer.snapshot.rates) if (rate.code !== 'btc') rate.value *= 1 + answered / 1e5;
    if (answer.chart) {
      const { from, to } = answer.chart;
      answer.chart.points = Array.from({ length: 97 }, (_, point) => ({
        time: Math.round(from + ((to - from) * point) / 97),
        value: 75_000 + ((answered * point) % 97),
      }));
    }
    answer.snapshot.id = `${answer.snapshot.id.slice(0, -8)}${String(answered).padStart(8, '0')}`;
    await route.fulfill({ json: answer });
  });
  const session = await page.context().newCDPSession(page);
  for (const [address, changing] of [
    ['/?symbol=usd', '.pair-value'],
    ['/?view=board', '.tile-value'],
  ]) {
    answered = 0;
    await page.goto(rates.url + address);
    await expect(page.locator('.countdown:has-text("in "), .wall-page:has-text("/")')).toBeVisible();
    // In the page itself: what Playwright leaves there at each step would be counted, too.
    const refresh = (times: number) =>
      page.evaluate(
        async ([changing, times]) => {
          const place = document.querySelector(changing)!;
          for (let time = 0; time < times; time += 1) {
            await new Promise<void>((done) => {
              // The page may be asking already, by itself: then the key does nothing.
              const press = () => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }));
              const presses = setInterval(press, 20);
              const observer = new MutationObserver(() => {
                observer.disconnect();
                clearInterval(presses);
                setTimeout(done, 5);
              });
              observer.observe(place, { subtree: true, characterData: true, childList: true });
            });
          }
        },
        [changing, times] as const,
      );
    const used = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      const wasm = await page.evaluate(
        () => (window as unknown as { memory: WebAssembly.Memory }).memory.buffer.byteLength,
      );
      const { nodes } = await session.send('Memory.getDOMCounters');
      return { heap: usedSize, wasm, nodes };
    };
    // Nor is a turn of the wallboard's pages a refresh.
    await page.keyboard.press(' ');
    await refresh(20);
    const early = await used();
    await refresh(180);
    const late = await used();
    expect(answered).toBeGreaterThanOrEqual(200);
    expect(late.heap).toBeLessThan(early.heap * 1.05);
    // It grows by whole pages, of which one is about that much.
    expect(late.wasm).toBeLessThanOrEqual(Math.ceil((early.wasm * 1.05) / WASM_PAGE) * WASM_PAGE);
    expect(late.nodes).toBeLessThan(early.nodes * 1.05);
  }
});
