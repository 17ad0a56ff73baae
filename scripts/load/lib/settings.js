// What the environment says: where the server is, how much, how long.

/** The server's address, without a slash at its end. */
export const BASE_URL = (__ENV.BASE_URL || 'http://127.0.0.1:5000').replace(/\/+$/, '');

/** Milliseconds of the way to the server and back; 0 on this machine. */
export const NETWORK_MS = number('NETWORK_MS', 0, 0, 10_000);

// A load test against a service that others use is an attack, unless somebody has decided on it.
const host = /^https?:\/\/(\[[^\]]*\]|[^:/?#@]+)(:\d+)?(\/[\w.~\/-]*)?$/.exec(BASE_URL)?.[1];
if (host === undefined) throw new Error(`BASE_URL=${BASE_URL} is not valid: it must be http(s)://host[:port][/path]`);
const here = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(host);
if (!here && __ENV.ALLOW_REMOTE !== '1') {
  throw new Error(`${BASE_URL} is not on this machine: with ALLOW_REMOTE=1 it is asked all the same`);
}

/** The number in the variable `name`, from `least` to `most`. */
export function number(name, fallback, least, most) {
  const value = __ENV[name] ? Number(__ENV[name]) : fallback;
  if (!(value >= least && value <= most)) {
    throw new Error(`${name}=${__ENV[name]} is not valid: it must be a number from ${least} to ${most}`);
  }
  return value;
}

/** The seconds in the variable DURATION (90s, 10m, 2h), at most `most`. */
export function duration(fallback, most) {
  const text = __ENV.DURATION || fallback;
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(count) * { s: 1, m: 60, h: 3600 }[unit];
  if (!(seconds >= 1 && seconds <= most)) {
    throw new Error(`DURATION=${text} is not valid: it must be like 90s, 10m or 2h, up to ${most} seconds`);
  }
  return seconds;
}
