import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttackRun } from './attack-run.ts';
import { inParallel } from './generator/in-parallel.ts';
import { ROUTE_ROWS } from './generator/route-rows.ts';
import type { WildRequest } from './generator/wild-requests.ts';
import { LARGE_BYTES, type Shaped, worstRequests } from './generator/worst-shapes.ts';
import { startOnSqlite } from './target/attack-target.ts';
import type { Attacker } from './target/attacker.ts';

// How long a caller without a session keeps the server busy with any input. Processor time of the server is counted, so that what else the
// machine does is not in it; a slower machine needs more of it for the calibration, too.

/** Milliseconds for one request, on a machine that answers the calibration in one. */
const BUSY = 20;
/** So many are measured together, and one by one where they are over the limit together. */
const TOGETHER = 8;
/** The slowest of all are measured one by one, and at half their size. */
const LOOKED_AT = 6;

let run: AttackRun;
beforeAll(async () => {
  const limits = { loopP99Millis: 2_000, heapGrowthBytes: 40 * 2 ** 20 };
  run = new AttackRun(await startOnSqlite('info'), { limits, extent: 'short' });
  await run.prepare();
});
afterAll(() => run?.close());

const busyMillis = (): Promise<number> =>
  run.target.busyMillis?.() ?? Promise.reject(new Error('this target measures no processor time'));

const sent = (attacker: Attacker, { method, path, headers, body }: WildRequest) =>
  attacker.raw(`${new URL(attacker.am).pathname}${path}`, { method, headers, ...(body !== undefined && { body }) });

const PAGE = { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' };
const plain = (html: string): string =>
  html.replace(
    /&(quot|lt|gt|#39|amp);/g,
    (_, name: string) => ({ quot: '"', lt: '<', gt: '>', amp: '&' })[name] ?? "'",
  );

/** The request on a journey that has begun, where it is one: else nothing would be read past the envelope. */
const onJourney = async (attacker: Attacker, { key, request }: Shaped, part: 1 | 0.5 = 1): Promise<WildRequest> => {
  const wild = request(part);
  const { body } = wild;
  if (key === 'POST /json/authenticate' && body?.includes('"authId":"a.b.c"')) {
    const { authId } = await attacker.ask('/json/realms/root/authenticate?authIndexType=service&authIndexValue=Login');
    return { ...wild, body: body.replace('"authId":"a.b.c"', () => `"authId":${JSON.stringify(authId)}`) };
  }
  const own = /(^|&)step=%7B[^&]*/;
  if (body !== undefined && /^POST \/(login|XUI\/)$/.test(key) && own.test(body)) {
    const path = `${new URL(attacker.am).pathname}/login?service=Login`;
    const { text } = await attacker.raw(path, { method: 'GET', headers: PAGE });
    const step = /name="step" value="([^"]*)"/.exec(text)?.[1] ?? '';
    expect(step).not.toBe('');
    return {
      ...wild,
      body: body.replace(own, (_, before: string) => `${before}step=${encodeURIComponent(plain(step))}`),
    };
  }
  return wild;
};

/** Processor time of the server for requests that are sent at once. */
const busyWith = async (requests: readonly WildRequest[]) => {
  // Each from an address of its own, so that no limit on an address answers in the place of a reader.
  const from = requests.map(() => run.newAttacker());
  const begin = await busyMillis();
  const answers = await Promise.all(requests.map((request, at) => sent(from[at] ?? run.newAttacker(), request)));
  return { millis: (await busyMillis()) - begin, answers };
};

const leastBusy = async (shape: Shaped, part: 1 | 0.5, runs: number): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < runs; at += 1) {
    const attacker = run.newAttacker();
    least = Math.min(least, (await busyWith([await onJourney(attacker, shape, part)])).millis);
  }
  return least;
};

/** A request as large as the others that every client may send: a user name of that length. */
const calibration = (): Shaped => {
  const row = ROUTE_ROWS['POST /json/authenticate']?.[0] ?? {};
  const body = JSON.stringify({ 'some-member': 'x'.repeat(LARGE_BYTES) });
  const headers = { 'content-type': 'application/json', 'accept-api-version': 'protocol=1.0,resource=2.1' };
  const request = { what: 'calibration', method: 'POST', path: '/json/realms/root/authenticate', headers, body };
  return { what: 'calibration', key: '', row, request: () => request };
};

test('64 KiB of each worst shape in each part of a request keep the server busy for 20 ms at most, and are no failure (SEC-94)', {
  timeout: 600_000,
}, async () => {
  const found = await run.target.routes?.();
  expect(Object.keys(ROUTE_ROWS).sort()).toEqual([...(found ?? [])].sort());
  await leastBusy(calibration(), 1, 30);
  const usual = await leastBusy(calibration(), 1, 10);
  const limit = BUSY * Math.max(1, usual);

  const failed: string[] = [];
  const statuses = new Map<number, number>();
  const chunks: { readonly shapes: readonly Shaped[]; readonly millis: number }[] = [];
  const requests = worstRequests();
  for (;;) {
    const shapes = Array.from({ length: TOGETHER }, () => requests.next().value as Shaped | undefined).filter(
      (shape) => shape !== undefined,
    );
    if (shapes.length === 0) break;
    const attacker = run.newAttacker();
    const wild = await inParallel(shapes, 1, (shape) => onJourney(attacker, shape));
    const { millis, answers } = await busyWith(wild);
    chunks.push({ shapes, millis });
    for (const [at, { status, text }] of answers.entries()) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isUnsupported = status === 501 && text.includes('Action not supported');
      if ((status >= 500 && !isUnsupported) || status === 429 || status === 0) {
        failed.push(`${shapes[at]?.what}: ${status} ${text.slice(0, 200)}`);
      }
    }
  }
  expect(failed).toEqual([]);
  // What is too large is refused before it is read: no reader would have been seen.
  expect(statuses.get(413)).toBeUndefined();

  const slowest = chunks.toSorted((one, other) => other.millis - one.millis);
  const suspects = slowest.filter(({ millis }, at) => at < LOOKED_AT || millis > limit).flatMap(({ shapes }) => shapes);
  const tooSlow: string[] = [];
  for (const shape of suspects) {
    const whole = await leastBusy(shape, 1, 3);
    if (whole > limit) tooSlow.push(`${shape.what}: ${whole.toFixed(1)} ms`);
    // Below the limit a ratio tells of collections alone; a quadratic reader needs hundreds of milliseconds.
    else if (whole > limit / 2 && (await leastBusy(shape, 1, 8)) / (await leastBusy(shape, 0.5, 8)) > 2.5)
      tooSlow.push(`${shape.what}: not linear`);
  }
  expect(tooSlow).toEqual([]);
  expect(chunks.length * TOGETHER).toBeGreaterThan(4_000);
});
