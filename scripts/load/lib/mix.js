// Who asks how often: the readers of a service, as its metrics would show them.

import exec from 'k6/execution';
import http from 'k6/http';
import { fail, sleep } from 'k6';
import { BASE_URL } from './settings.js';
import { visits } from './visits.js';

/** Of a hundred requests: mostly pages left open, people coming back, and programs. */
const SHARES = {
  page: 20, first: 3, filtered: 7, unchanged: 20, refresh: 20, rates: 12, one: 4, convert: 5, csv: 2,
  history: 2, sparklines: 1, missing: 2, refused: 1, health: 1,
};
/** Each kind as often as its share. */
const DECK = Object.entries(SHARES).flatMap(([kind, share]) => Array(share).fill(kind));

/** What there is before the load: it is what later answers are compared with. */
export function setup() {
  const tags = { kind: 'setup', name: 'setup' };
  const answer = http.get(`${BASE_URL}/api/rates`, { tags, redirects: 0, timeout: '10s' });
  if (answer.status !== 200) fail(`${BASE_URL}/api/rates: ${answer.error || `status ${answer.status}`}`);
  const { total_currencies: total, snapshot_id: id, data_source: source } = answer.json();
  console.info(`${BASE_URL}: ${total} currencies of ${source}, snapshot ${id}`);
  return { total, id };
}

/** One request of the mix, by lot. */
export function visit(known) {
  visits[DECK[Math.floor(Math.random() * DECK.length)]](known);
}

/** One request of each kind, in turn: a short run leaves none out. */
export function everything(known) {
  const kinds = [...Object.keys(SHARES), 'unchanged'];
  for (const kind of kinds) visits[kind](known);
}

/** A listener to new rates. Not all come in the same moment, and none comes back at once. */
export function listen(known) {
  if (exec.vu.iterationInScenario === 0) sleep(Math.random());
  const begun = Date.now();
  visits.stream(known);
  // As a browser does, whose stream has ended: the server asks for five seconds.
  if (Date.now() - begun < 1000) sleep(5);
}
