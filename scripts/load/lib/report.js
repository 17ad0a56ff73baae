// What k6 says at the end: each objective with what was measured; the same as JSON and as JUnit in the
// folder RESULTS, for a pipeline.

import { KINDS } from './objectives.js';

/** The trends' figures that the objectives and the report are made of. */
export const STATISTICS = ['med', 'p(95)', 'p(99)', 'max', 'count'];

/** Each threshold of each metric: what was asked, what is, and whether it was kept. */
function objectives(data) {
  return Object.entries(data.metrics).flatMap(([metric, { thresholds = {}, values, contains }]) =>
    Object.entries(thresholds).map(([limit, { ok }]) => {
      const value = values[/^[a-z]+(\(\d+\))?/.exec(limit)[0]];
      return { metric, limit, ok, is: contains === 'time' ? `${value?.toFixed(1)} ms` : `${+value?.toFixed(5)}` };
    }));
}

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function junit(name, results) {
  const broken = results.filter(({ ok }) => !ok);
  const cases = results.map(({ metric, limit, ok, is }) => {
    const fault = ok ? '' : `<failure message="${escaped(`${limit} is broken: ${is}`)}"/>`;
    return `  <testcase classname="load.${name}" name="${escaped(`${metric} ${limit}`)}">${fault}</testcase>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<testsuite name="load.${name}" tests="${results.length}" failures="${broken.length}">\n` +
    `${cases.join('')}</testsuite>\n`;
}

/** A line for each kind of request: how many, how fast, and the shares that failed or had wrong contents. */
function table(metrics, kinds) {
  const share = (rate) => `${(100 * (rate ?? 0)).toFixed(2)} %`;
  const cells = [['kind', 'requests', 'median', 'p99', 'failed', 'wrong']];
  for (const kind of kinds) {
    const values = (metric) => metrics[`${metric}{kind:${kind}}`]?.values ?? {};
    if (!values('http_reqs').count) {
      cells.push([kind, '0', '-', '-', '-', '-']);
      continue;
    }
    const time = { ...values('http_req_duration'), ...values('http_req_waiting') };
    const ms = (key) => (key in time ? `${time[key].toFixed(1)} ms` : '-');
    const right = values('checks').rate;
    cells.push([
      kind, `${values('http_reqs').count}`, ms('med'), ms('p(99)'), share(values('http_req_failed').rate),
      right === undefined ? '-' : share(1 - right),
    ]);
  }
  return cells.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(12) : cell.padStart(10))).join('').trimEnd());
}

/** k6's `handleSummary` of the scenario `name`. */
export function report(name) {
  return (data) => {
    const results = objectives(data);
    const lines = table(data.metrics, KINDS);
    // What is not of one kind, and whatever is broken.
    for (const { metric, limit, ok, is } of results) {
      if (!ok) lines.push(`BROKEN: ${metric} ${limit}: ${is}`);
      else if (!metric.includes('{')) lines.push(`kept: ${metric} ${limit}: ${is}`);
    }
    for (const { name: what, fails } of data.root_group.checks) {
      if (fails > 0) lines.push(`wrong ${fails} times: ${what}`);
    }
    const { http_reqs: requests, dropped_iterations: dropped } = data.metrics;
    lines.push(`${requests.values.count} requests, ${requests.values.rate.toFixed(0)} a second; ` +
      `${dropped?.values.count ?? 0} left out for want of clients`);
    const files = { stdout: `${lines.join('\n')}\n` };
    if (__ENV.RESULTS) {
      files[`${__ENV.RESULTS}/${name}.json`] = JSON.stringify(data, null, 1);
      files[`${__ENV.RESULTS}/${name}.xml`] = junit(name, results);
    }
    return files;
  };
}
