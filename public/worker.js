// Shows the last table or wallboard when there is no network, or no server that answers.
//
// Pages come from the network whenever it has one, so that an update is seen at once; what is kept are the last
// good ones together with the very files that they name. The page itself tells how old its rates are.

// The pages for any address: once one runs, it shows what the address asks for. They are beside this file.
const PAGE = new URL('.', self.location).pathname;
const BOARD = `${PAGE}?view=board`;
const PAGES = [PAGE, BOARD];
// Below a path, other services of the host have caches of their own, this very service at `/` among them.
const OWN = PAGE === '/' ? '' : ` ${PAGE}`;
const KEPT = `pages-1${OWN}`;
// A server that is silent for so long is as good as none.
const PATIENCE = 5_000;
// What a page wants beside what it names itself.
const BESIDE = ['app.webmanifest', 'favicon.svg', 'icon-192.png'].map((name) => PAGE + name);
// A name below it stands for one content for ever.
const FILES = `${PAGE}pkg/`;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  const fromNowOn = async () => {
    const [open] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    await keepPage(languageOf(open));
  };
  event.waitUntil(fromNowOn());
});

self.addEventListener('activate', (event) => {
  const others = async () => {
    for (const name of await caches.keys()) {
      if (name !== KEPT && name.replace(/^pages-\d+/, '') === OWN) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(others());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === PAGE) event.respondWith(page(request));
  else if (pathname.startsWith(FILES)) event.respondWith(fromCacheFirst(request));
  else if (BESIDE.includes(pathname)) event.respondWith(fromNetworkFirst(request));
});

// The open page tells of new rates: what is kept is never older than what was last seen, and in its language. And it
// tells what its reader is to be notified of: pages of mobile browsers can't do so themselves.
self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(keepPage(languageOf(event.source)));
  else if (event.data.startsWith('notify ')) event.waitUntil(notify(event.data.slice(7)));
});

// The language in a page's address, as a part of a query; nothing if it goes by the browser's.
function languageOf(page) {
  return page?.url.match(/[?&](lang=[a-z]+)/)?.[1] ?? '';
}

// Of two pages that tell the same there is one notification.
async function notify(text) {
  // The reader may have forbidden it since.
  if (Notification.permission !== 'granted') return;
  await self.registration.showNotification(text, { tag: text, renotify: true, icon: `${PAGE}icon-192.png` });
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const show = async () => {
    const live = ({ url }) => new URL(url).pathname === PAGE && !/[?&](date|view=rate)\b/.test(url);
    const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const open = all.find(live);
    await (open ? open.focus() : self.clients.openWindow(PAGE));
  };
  event.waitUntil(show());
});

// In each language, from locales/: scripts/texts.mjs puts them here.
const TEXTS = {};

// The rates of an earlier day are not kept, and the page that is kept must not pass for them.
function noDay({ searchParams }) {
  const wanted = [searchParams.get('lang'), ...navigator.languages].map((it) => it?.slice(0, 2));
  const language = wanted.find((it) => TEXTS[it]) ?? 'en';
  const say = (id) => TEXTS[language][id];
  const html = `<!DOCTYPE html><html lang="${language}" dir="${say('direction')}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${say('worker-title')} – Crypto Rates</title>
<h1>${say('worker-no-day')}</h1>
<p><a href="./">${say('worker-now')}</a> <a href="">${say('worker-again')}</a></p>`;
  return new Response(html, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

async function page(request) {
  const answer = fetch(request);
  const address = new URL(request.url);
  if (address.searchParams.has('date')) return answer.catch(() => noDay(address));
  const same = address.searchParams.get('view') === 'board' ? BOARD : PAGE;
  try {
    const got = await Promise.race([answer, silence()]);
    // A server without rates has less to show than what is kept.
    if (got.status < 500) return got;
    return (await kept(same)) ?? got;
  } catch {
    return (await kept(same)) ?? answer;
  }
}

function silence() {
  return new Promise((_, give_up) => setTimeout(give_up, PATIENCE, new Error('no answer')));
}

async function fromCacheFirst(request) {
  return (await kept(request)) ?? fetch(request);
}

async function fromNetworkFirst(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept(request);
    if (found) return found;
    throw error;
  }
}

async function kept(request) {
  return (await caches.open(KEPT)).match(request);
}

// One after the other: of two at once, in a roll-out, one could delete what the other has just kept.
let turn = Promise.resolve();

function keepPage(language) {
  turn = turn.then(() => keep(language)).catch(() => undefined);
  return turn;
}

// The pages and all that they name, or nothing: half of an update is worse than none.
async function keep(language) {
  const inLanguage = (page) => (language ? page + (page.includes('?') ? '&' : '?') + language : page);
  const answers = await Promise.all(PAGES.map((page) => fetch(inLanguage(page), { cache: 'no-cache' })));
  if (!answers.every(({ ok, redirected }) => ok && !redirected)) return;
  const pages = await Promise.all(answers.map((answer) => answer.clone().text()));
  const named = [...new Set(pages.join().match(/\/pkg\/[\w.-]+/g))].map((path) => PAGE + path.slice(1));
  // Style, script and wasm, and the rates: what else comes from this address, such as the page of a hotel's network or
  // of a proxy, is not ours.
  if (named.length < 3 || !pages.every((html) => html.includes('id="latest"'))) return;
  const cache = await caches.open(KEPT);
  const files = [...named, ...BESIDE];
  const missing = [];
  for (const file of files) if (!(await cache.match(file))) missing.push(file);
  await cache.addAll(missing);
  for (const page of PAGES) await cache.put(page, answers.shift());
  // What no page names any more.
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== PAGE && !files.includes(pathname)) await cache.delete(request);
  }
}
