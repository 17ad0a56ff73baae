// What Lighthouse's mobile profile says of the page that is the same on every machine, however slow or
// busy: accessibility, best practices and SEO at 100, nothing that moves while it loads, and how much is
// loaded. How fast that is, is measured by `make bench` (benches/browser).
//
// Usage: node check.mts SERVER [PATH]...
//
// Ends with 1 if something is wrong, and says what.

import { audit, blemishes, findings, type Report, serve } from './audit.mts';

const [binary, ...paths] = process.argv.slice(2);
if (!binary) throw new Error('which server?');
// The page, and a link to one currency.
if (paths.length === 0) paths.push('/', '/?symbol=usd');

const onlyCategories = ['accessibility', 'best-practices', 'seo'];
const onlyAudits = ['cumulative-layout-shift', 'layout-shifts', 'network-requests', 'total-byte-weight'];

// All bytes on the wire, heads included, of a first visit. Most are wasm and script, which have a budget of
// their own (tests/http/assets.rs): this is for that, page and style, and what nobody thought of.
const MOST_BYTES = 215_000;
// Page, style, script, wasm and stream.
const MOST_REQUESTS = 5;

const points = ({ score }: { score: number | null }) => Math.round((score ?? 0) * 100);

/** What was asked for over the network, but for what the browser asks on its own account, once or twice. */
function requests({ audits }: Report) {
  const details = audits['network-requests'].details;
  const items = details && 'items' in details ? (details.items as { url: string }[]) : [];
  const own = /\/(favicon\.svg|app\.webmanifest)$/;
  return items.map(({ url }) => url).filter((url) => url.startsWith('http') && !own.test(url));
}

/** What is wrong with the page, if anything. */
async function check(url: string) {
  const report = await audit(url, { onlyCategories, onlyAudits });
  const { categories, audits } = report;
  const shift = audits['cumulative-layout-shift'].numericValue;
  const bytes = audits['total-byte-weight'].numericValue ?? NaN;
  const asked = requests(report);
  const scores = Object.values(categories).map((category) => `${category.id} ${points(category)}`);
  console.log(`  ${scores.join(', ')}; layout shift ${shift}; ${bytes} bytes in ${asked.length} requests`);

  const wrong = Object.values(categories)
    .filter((category) => points(category) < 100)
    .map((category) => `${category.id} is ${points(category)}, and should be 100`);
  if (wrong.length > 0) wrong.push(...blemishes([report], false));
  if (shift !== 0) {
    wrong.push(`cumulative layout shift is ${shift}, and should be 0: ${findings(audits['layout-shifts'])}`);
  }
  // Not `>`, which nothing that was not measured would fail.
  if (!(bytes <= MOST_BYTES)) {
    wrong.push(`${bytes} bytes are transferred, of ${MOST_BYTES}: ${findings(audits['total-byte-weight'])}`);
  }
  if (!(asked.length > 0 && asked.length <= MOST_REQUESTS)) {
    wrong.push(`${asked.length} requests are made, of ${MOST_REQUESTS}:`, ...asked);
  }
  return wrong;
}

const { url, stop } = await serve(binary);
try {
  for (const path of paths) {
    console.log(`Lighthouse on ${path}`);
    const wrong = await check(url + path).catch((error) => [String(error)]);
    if (wrong.length === 0) continue;
    process.exitCode = 1;
    console.error([`error: Lighthouse finds fault with ${path}`, ...wrong].join('\n  '));
  }
} finally {
  stop();
}
