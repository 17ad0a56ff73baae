// What the service promises, in numbers: the one place where the load tests have them. The alert rules
// in charts/crypto-rates/rules have the same two, measured at the server.

/** The share of requests that may fail: no answer, a 5xx, or a status that was not asked for. */
export const FAILURES = 0.001;

/** Milliseconds within which 99 of 100 answers of each kind are there. */
export const P99_MS = 100;

/** Megabytes that the process may have resident: what its container has (make check-image). */
export const RESIDENT_MB = 64;

/** Seconds that the rates may be old: three intervals. */
export const OLDEST_S = 900;

/** Every kind of request, by the name of its visit. */
export const KINDS = [
  'page', 'first', 'filtered', 'unchanged', 'refresh', 'rates', 'one', 'convert', 'csv', 'history',
  'sparklines', 'missing', 'refused', 'health', 'stream',
];

/**
 * The objectives as k6 wants them. `network` are milliseconds that the way to the server and back
 * takes: what is promised holds at the server.
 */
export function thresholds(kinds, network) {
  const limits = {
    http_req_failed: [`rate<=${FAILURES}`],
    // Contents are promised as firmly as the status.
    checks: [`rate>=${1 - FAILURES}`],
  };
  for (const kind of kinds) {
    // A stream ends when its listener has had enough: what counts is when it begins.
    const time = kind === 'stream' ? 'http_req_waiting' : 'http_req_duration';
    limits[`${time}{kind:${kind}}`] = [`p(99)<${P99_MS + network}`];
    limits[`http_req_failed{kind:${kind}}`] = [`rate<=${FAILURES}`];
    limits[`checks{kind:${kind}}`] = [`rate>=${1 - FAILURES}`];
    // A kind that was never asked for has not kept anything.
    limits[`http_reqs{kind:${kind}}`] = ['count>0'];
  }
  return limits;
}
