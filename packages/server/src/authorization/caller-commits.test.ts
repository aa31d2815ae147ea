import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const routes = new URL('../routes/', import.meta.url);

/** What commits without saying for whom. The routes of OAuth are called by clients and have no administrator. */
const UNCONDITIONAL = /\b(?:Committer|committer|ConfigurationWrites|CommitAuthority)\b/;

test('no route has a way to commit that does not name its caller (SEC-91)', () => {
  const sources = readdirSync(routes, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const commit = sources.filter((name) => UNCONDITIONAL.test(readFileSync(new URL(name, routes), 'utf8')));
  expect(sources.length).toBeGreaterThan(50);
  expect(commit.filter((name) => !name.startsWith('oauth2/'))).toEqual([]);
});
