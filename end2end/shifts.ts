// Layout shifts, as Chromium tells of them.

import { type Page } from '@playwright/test';

/** From the next page on. */
export async function watch(page: Page) {
  await page.addInitScript(() => {
    const jumps: string[] = [];
    Object.assign(window, { jumps });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean; sources: { node?: Node }[] }[]) {
        // Chromium tells of a table's caption, too, that only a screen reader is given.
        const seen = ({ node }: { node?: Node }) => !(node instanceof Element && node.matches('.visually-hidden'));
        if (entry.hadRecentInput || !entry.sources.some(seen)) continue;
        const who = entry.sources.map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 80) : node?.nodeName));
        jumps.push(`${entry.value.toFixed(4)} ${who.join(' ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What has moved without the reader's doing. */
export const jumps = (page: Page) => page.evaluate(() => (window as unknown as { jumps: string[] }).jumps);
