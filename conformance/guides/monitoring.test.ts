import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@assent/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';

// Whoever follows the guide types what stands in it: every block is run, in its order, by a shell. The ports of a reader may be taken here.

const guide = new Guide('monitoring');

/** What the guide has its readers install is installed here. */
const INSTALLED = [
  import.meta.resolve('@opentelemetry/exporter-trace-otlp-http'),
  import.meta.resolve('@opentelemetry/resources'),
  import.meta.resolve('@opentelemetry/sdk-trace-node'),
].map((it) => fileURLToPath(it).replace(/(@opentelemetry\/[^/]+)\/.*/, '$1'));
const SCOPE = dirname(INSTALLED[0] ?? '');

/** Of the request that the guide makes. */
const SPAN = '"HTTP json/serverinfo/*"';

/** Takes spans as any collector of OpenTelemetry does, by OTLP over HTTP, and keeps them as they came; a file says that the one has arrived. */
const collect = async (arrived: string) => {
  const taken: string[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      taken.push(`${request.url} ${body}`);
      if (body.includes(SPAN)) writeFileSync(arrived, '');
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => collector.listen(port, 'localhost', resolve));
  return { port, taken, close: () => collector.close() };
};

const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['version']).error !== undefined);

describe.skipIf(missing.length > 0)(
  `the guide to watching a server${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let code: Followed['code'];
    let printed: Followed['printed'];
    let collector: Awaited<ReturnType<typeof collect>>;

    beforeAll(async () => {
      const [port, management] = [await freePort(), await freePort()];
      const last = guide.blocks.length - 1;
      collector = await collect(join(directory, 'spans-arrived'));
      mkdirSync(join(directory, 'node_modules'));
      symlinkSync(SCOPE, join(directory, 'node_modules/@opentelemetry'));
      ({ code, printed } = await guide.follow({
        directory,
        rewrite: (block) => {
          const here = block
            .replaceAll('8080', String(port))
            .replaceAll('9464', String(management))
            .replaceAll('4318', String(collector.port));
          // Readers leave it running, and look at their collector.
          return block === guide.blocks[last]
            ? `${here}until [ -e spans-arrived ]; do sleep 0.1; done\nkill $SERVER\n`
            : here;
        },
        commands: { npm: 'exit 0' },
        env: { ASSENT_PORT: String(port), ASSENT_DRAIN_SECONDS: '0', ASSENT_DATA_DIR: directory },
      }));
    });
    afterAll(() => {
      collector.close();
      rmSync(directory, { recursive: true, force: true });
    });

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('prints what it says', () => {
      expect(printed[0]).toContain('{"status":"ready","degraded":[]}');
      expect(printed[1]).toBe('{"status":"ready"}200\n');
      expect(printed[2]).toContain('assent_http_requests_total{route="health/ready"');
      expect(printed[3]).toContain('assent_build_info{version="');
      expect(printed[4]).toContain('SDK of OpenTelemetry');
    });

    test('hands spans to the collector that it names (OPS-56)', () => {
      const spans = collector.taken.filter((it) => it.startsWith('/v1/traces '));
      expect(spans.filter((it) => it.includes(SPAN)).length).toBeGreaterThan(0);
    });

    test('installs the versions that are tried here', () => {
      for (const folder of INSTALLED) {
        const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
        expect(guide.text).toContain(`@opentelemetry/${basename(folder)}@${version}`);
      }
    });

    test('names no setting and no metric that is none', () => {
      const read = (name: string) => readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), 'utf8');
      const known = read('settings') + read('metrics');
      const named = [...new Set(guide.text.match(/\b(?:ASSENT|assent)_\w+/g))];
      expect(named.filter((name) => !known.includes(`\`${name}\``))).toEqual([]);
    });
  },
);
