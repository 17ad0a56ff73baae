// A history for the server to find: the server itself writes it, at other times of the clock.

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Debian's faketime: what it preloads, wherever this architecture has it. */
export function faketime() {
  for (const folder of readdirSync('/usr/lib')) {
    const library = `/usr/lib/${folder}/faketime`;
    try {
      const name = readdirSync(library).find((name) => name.startsWith('libfaketimeMT'));
      if (name) return `${library}/${name}`;
    } catch {
      // Not there.
    }
  }
  throw new Error('please install faketime');
}

/** Has the server in `binary` ask `upstream` so many minutes ago, and keep the answer in `folder`. */
export async function record(binary: string, upstream: string, folder: string, minutesAgo: number) {
  const child = spawn(binary, {
    cwd: tmpdir(),
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      COINGECKO_URL: upstream,
      STORE_URL: `file://${folder}`,
      LOG_FORMAT: 'json',
      LD_PRELOAD: faketime(),
      FAKETIME: `-${minutesAgo}m`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((done) => child.once('exit', done));
  try {
    let log = '';
    const url = await new Promise<string>((found, lost) => {
      child.once('error', lost);
      child.once('exit', () => lost(new Error(`the server ended:\n${log}`)));
      child.stdout.on('data', (chunk) => {
        log += chunk;
        const match = /"address":"(http:[^"]+)"/.exec(log);
        if (match) found(match[1]);
      });
    });
    // In the store, and not only on the board.
    const deadline = Date.now() + 60_000;
    for (;;) {
      const answer = await fetch(`${url}/api/history?symbol=usd&from=10m`);
      if (answer.ok && (await answer.json()).points.length === 1) return;
      if (Date.now() > deadline) throw new Error(`nothing was kept:\n${log}`);
      await pause(20);
    }
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}
