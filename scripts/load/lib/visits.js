// What people, pages and programs ask of the service, one function for each kind of request, and what
// makes an answer a good one: not its status alone.

import http from 'k6/http';
import { check } from 'k6';
import { BASE_URL, number } from './settings.js';

const BROWSER = { 'Accept-Encoding': 'gzip, deflate, br, zstd', Accept: 'text/html,*/*;q=0.8' };
const CURRENCIES = ['usd', 'eur', 'gbp', 'jpy', 'chf', 'xau', 'eth', 'btc'];
const TYPES = ['crypto', 'fiat', 'commodity'];
const ORIGINS = ['coingecko', 'coinbase'];
/** Seconds by which two clocks may differ, and a second that was cut off. */
const SKEW_S = 5;
/** Of k6: it has had enough, and not the server. */
const TIMED_OUT = 1050;
/** Seconds that a listener stays. */
const LISTENED_S = number('LISTEN_SECONDS', 10, 1, 600);

const any = (list) => list[Math.floor(Math.random() * list.length)];
/** Hardly ever the same twice, written as the page writes it. */
const amount = () => `${Math.round(1 + Math.random() * 1e7) / 100}`;

/** The tags of each address, as this virtual user has them: what a browser's cache would know. */
const tags = new Map();

/**
 * Asks for `path`, and checks the answer: the status always, the contents of the share of answers in CHECKED,
 * which a scenario sets for itself. To unpack and read them costs k6 more than all else. `whole` is for those
 * whose contents are needed.
 */
function ask(kind, path, checks, { headers = {}, status = 200, timeout = '10s', whole = false } = {}) {
  const checked = whole || Math.random() < Number(__ENV.CHECKED ?? 1);
  const answer = http.get(BASE_URL + path, {
    headers,
    timeout,
    redirects: 0,
    responseType: checked ? 'text' : 'none',
    responseCallback: http.expectedStatuses(...[status].flat()),
    // Without a name of its own, each address would be a series.
    tags: { kind, name: kind },
  });
  if (checked) check(answer, checks, { kind });
  return answer;
}

/**
 * The body as JSON, or an empty object: a check fails then, and not the script. Not k6's own `json()`, which
 * forgets the order of the rates.
 */
function json(answer) {
  try {
    return JSON.parse(answer.body) ?? {};
  } catch {
    return {};
  }
}

const isHtml = (r) => (r.headers['Content-Type'] ?? '').startsWith('text/html');
const isPacked = (r) => r.headers['Content-Encoding'] === 'br';
const hasTag = (r) => /^"\d{8}T\d{6}Z-[0-9a-f]{8}\./.test(r.headers['Etag'] ?? '');
const isProblem = (r) => r.headers['Content-Type'] === 'application/problem+json';
/** Rows of the table; a stale or held one counts as well. */
const rows = (r) => (r.body ?? '').split('<th scope="row"').length - 1;

/** Age and last_updated tell the same, and the source is a live one. */
const isHonest = (r) => {
  const { last_updated: taken, data_source: source, cache_status: status } = json(r);
  const age = (Date.now() - Date.parse(taken)) / 1000;
  return ORIGINS.includes(source) && ['fresh', 'cached', 'stale'].includes(status) &&
    Math.abs(age - Number(r.headers['Age'])) <= SKEW_S;
};

/** The files that a page loads. */
const filesOf = (r) => [...new Set((r.body ?? '').match(/\/pkg\/[\w.-]+\.(css|js|wasm)/g) ?? [])];

/** A source may drop a currency meanwhile, but not a tenth of them. */
const nearly = (count, known) => count > 0.9 * known.total;

export const visits = {
  /** The page, as a browser asks for it. */
  page(known) {
    const checks = {
      'the page is HTML, in brotli': (r) => isHtml(r) && isPacked(r),
      'the page has a tag of its snapshot': hasTag,
      'the page has a row for every rate': (r) => nearly(rows(r), known),
    };
    tags.set('/', ask('page', '/', checks, { headers: BROWSER }).headers['Etag']);
  },

  /** The page and all that it loads, as in a browser that has never been here. */
  first(known) {
    const checks = {
      'the first page has a row for every rate': (r) => nearly(rows(r), known),
      'the page names style, script and wasm': (r) => filesOf(r).length >= 3,
    };
    const page = ask('first', '/', checks, { headers: BROWSER, whole: true });
    const packed = {
      'a file is packed, and kept for ever': (r) =>
        isPacked(r) && (r.headers['Cache-Control'] ?? '').includes('immutable'),
    };
    for (const file of filesOf(page)) ask('first', file, packed, { headers: BROWSER });
  },

  /** A page that nobody has asked for before: it has to be made. */
  filtered() {
    const sum = amount();
    const path = `/?base=${any(CURRENCIES)}&type=${any(TYPES)}&sort=name&amount=${sum}`;
    const checks = {
      'a filtered page has rows, and says the amount': (r) => rows(r) > 0 && r.body.includes(`value="${sum}"`),
    };
    ask('filtered', path, checks, { headers: BROWSER });
  },

  /** What a browser or a program does that has an answer already. */
  unchanged() {
    const path = any(['/', '/api/rates', '/api/rates?base=eur']);
    const known = tags.get(path);
    const headers = known === undefined ? BROWSER : { ...BROWSER, 'If-None-Match': known };
    const checks = {
      // New rates may have come meanwhile: then a whole answer under another tag.
      'nothing is sent twice': (r) =>
        hasTag(r) && (r.status === 304 ? !r.body && r.headers['Etag'] === known : r.headers['Etag'] !== known),
    };
    tags.set(path, ask('unchanged', path, checks, { headers, status: [200, 304] }).headers['Etag']);
  },

  /** What an open page asks every five minutes. */
  refresh(known) {
    ask('refresh', `/fn/latest?have=${known.id}&base=${any(CURRENCIES)}`, {
      'a refresh has a time, and no snapshot that the page has': (r) => {
        const { server_time: time, snapshot } = json(r);
        return time !== undefined && snapshot?.id !== known.id;
      },
    });
  },

  /** All rates, as a program asks for them. */
  rates(known) {
    const base = any(CURRENCIES);
    ask('rates', `/api/rates?base=${base}`, {
      'all rates are there, the largest first': (r) => {
        const { rates = {}, total_currencies: total } = json(r);
        const values = Object.values(rates).map((rate) => rate.value);
        return total === values.length && nearly(total, known) && rates[base]?.value === 1 &&
          values.every((value, at) => value > 0 && (at === 0 || value <= values[at - 1]));
      },
      'the age is true, the source is live': isHonest,
      'the rates have a tag of their snapshot': hasTag,
    });
  },

  one() {
    const code = any(CURRENCIES);
    ask('one', `/api/rates/${code}?base=${any(CURRENCIES)}`, {
      'one rate is the one asked for': (r) => json(r).code === code && json(r).value > 0,
      'the age of one rate is true': isHonest,
    });
  },

  convert() {
    const sum = amount();
    ask('convert', `/api/convert?from=${any(CURRENCIES)}&to=${any(CURRENCIES)}&amount=${sum}`, {
      'a conversion is the amount times the rate': (r) => {
        const { rate, result, error } = json(r);
        return rate > 0 && error >= 0 && Math.abs(result - rate * sum) <= 1e-9 * Math.abs(result);
      },
    });
  },

  csv(known) {
    const checks = {
      'the CSV has headings, and a line for every rate': (r) => {
        const lines = (r.body ?? '').trim().split(/\r?\n/);
        return lines[0].startsWith('code,name,type,unit,value,base,') && nearly(lines.length - 1, known);
      },
    };
    ask('csv', '/api/rates.csv?base=eur', checks, { headers: { 'Accept-Encoding': 'gzip' } });
  },

  history() {
    ask('history', `/api/history?symbol=${any(CURRENCIES)}&base=${any(CURRENCIES)}`, {
      'the history is whole, and in order of time': (r) => {
        const { points = [], complete } = json(r);
        return complete && points.length > 0 &&
          points.every(({ time, value, low, high }, at) =>
            low <= value && value <= high && (at === 0 || time > points[at - 1].time));
      },
    });
  },

  sparklines(known) {
    ask('sparklines', `/api/sparklines?base=${any(CURRENCIES)}`, {
      'the last day of every rate has 48 steps': (r) => {
        const series = Object.values(json(r).series ?? {});
        return nearly(series.length, known) && series.every((steps) => steps.length === 48);
      },
    });
  },

  /** Addresses that lead nowhere. */
  missing() {
    const checks = {
      'what is not there is a problem with the status 404': (r) => isProblem(r) && json(r).status === 404,
    };
    const path = any(['/wp-login.php', '/.env', '/api/nothing', '/api/rates/nosuch']);
    ask('missing', path, checks, { status: 404 });
  },

  /** A program with a mistake. */
  refused() {
    const checks = { 'a wrong parameter is named': (r) => isProblem(r) && json(r).parameter === 'bass' };
    ask('refused', '/api/rates?bass=eur', checks, { status: 400 });
  },

  /** A probe. */
  health() {
    ask('health', '/health', {
      'it says how it is': (r) => ['healthy', 'degraded'].includes(json(r).status),
    });
  },

  /** A listener for new rates, who leaves after some seconds: k6 knows no other end than a time-out. */
  stream() {
    const checks = {
      'a stream begins with a snapshot': (r) =>
        /^event: snapshot\nid: \S+\ndata: \{"rates":/m.test(r.body ?? ''),
      'a stream stays open': (r) => r.error_code === TIMED_OUT,
    };
    ask('stream', '/api/stream', checks, { status: [0, 200], timeout: `${LISTENED_S}s`, whole: true });
  },
};
