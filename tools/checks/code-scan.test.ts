import { expect, test } from 'vitest';
import { trackedFiles } from '../docs/tracked-files.mjs';
import { findingsIn, scanFiles } from './code-scan.mjs';

const sources = (trackedFiles() as readonly string[]).filter(
  (file) => /^packages\/(?!test-servers)[^/]+\/src\/.*\.(tsx?|js)$/.test(file) && !/\.test\.|\/testing\//.test(file),
);

/** Where `===` tells nobody anything, and why. */
const COMPARED: Readonly<Record<string, readonly string[]>> = {
  'both are ours: a row before and after a change, or a token of ours that was refused': [
    'cli/src/imports/people/carried-person.ts: secret.hash !== known.hash',
    'cli/src/imports/people/changes-of-person.ts: hash !== known.hash',
    'push/src/delivery/transports/apns/apns-token.ts: held?.token !== refused',
    'push/src/delivery/transports/fcm/google-access-token.ts: held?.token === token',
    'server/src/clients/client-changes.ts: after.secretDigest !== before?.secretDigest',
    'server/src/routes/sessions/sessions.ts: session.tokenHash === current.tokenHash',
    'server/src/routes/sessions/sessions.ts: tokenHash !== caller.session.tokenHash',
  ],
  'it is signed by us, and whoever changed it is refused by that': [
    'engine/src/journey/continue.ts: row.nonce !== next.reference.nonce',
    'engine/src/journey/continue.ts: lastSubmit?.nonce === next.reference.nonce',
    'engine/src/journey/status.ts: row.nonce !== reference.nonce',
    'oidc/src/token/dpop-proof.ts: ath !== digest(accessToken)',
    'server/src/routes/authenticate/authenticate.ts: one.nonce === other.nonce',
    'store/src/sql/logins/journeys.ts: opened?.nonce === nonce',
  ],
  'it is a hash that a row is found by, as by the key of an index': [
    'engine/src/journey/continue.ts: lastSubmit.code === submitCode(host, next, lastSubmit.code)',
    'push/src/requests/push-traces.ts: messageIdHash(message.request) === digest',
    'push/src/requests/push-traces.ts: detail?.message === digest',
  ],
  'it is a hash of the trail, which anybody may see': [
    'server/src/audit-file/verify-trail-file.ts: end.hash !== last.hash',
    'server/src/audit-file/verify-trail-file.ts: kept === hash',
    'server/src/audit-file/verify-trail-file.ts: row.previous !== last.hash',
    'store/src/chain/batch-verifier.ts: this.#hashAt(last) !== hash',
    'store/src/chain/batch-verifier.ts: this.#hashAt(position) !== this.#end.hash',
    'store/src/chain/trail-verifier.ts: computed !== seal?.hash',
    'store/src/chain/trail-verifier.ts: place.hash === this.#last.hash',
    'store/src/chain/trail-verifier.ts: place.hash === this.#options.from.hash',
    'store/src/chain/trail-verifier.ts: seal.detailHash === detailHashOf(detail, seal.salt)',
    'store/src/chain/verify-stored.ts: last.hash !== head.hash',
    'store/src/chain/verify-stored.ts: there.hash === since.hash',
    'store/src/sql/trail/audit-chain.ts: (yield* hashOfEnd(head.position)) === head.hash',
  ],
  'both come from the caller': [
    "cli/src/users/user-command.ts: (await answered(io, 'The same again')) !== password",
    'ldap/src/users/directory-passwords.ts: password === current',
    'server/src/realm-files/realm-file.ts: sha256 !== digestOf(summed)',
    'store/src/passwords/check-imported-hash.ts: ours === password',
    'web/src/account/not-me-question.tsx: next === judged?.password',
  ],
  'one of them is undefined there': ['oidc/src/token/authorization-code.ts: challenge === verifier'],
  'it is the code of an error': [
    'cli/src/phone/account/account-store.ts: error.code === code',
    'engine/src/model/errors.ts: (this.code as JourneyErrorCode) === code',
    'server/src/journeys/accepted-findings.ts: it.code === code',
  ],
};

/** Where code is chosen, and by whom. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  'an operator, by the command line and the settings of the process': [
    'cli/src/command/config-file.ts: import(`{pathToFileURL(path).href}?changed={mtimeMs}`)',
    'server/src/journeys/custom-nodes.ts: import(pathToFileURL(resolve(name)).href)',
  ],
  'we, by a name that stands in the program': [
    "scripting/src/inside/libraries.js: new Function('exports', 'module', libraries.sources[key])",
    'server/src/pages/built-views.ts: import(pathToFileURL(view).href)',
    'store/src/sqlite/driver.ts: import(/* @vite-ignore */ name)',
  ],
};

test('nothing that somebody may guess at is compared by === (SEC-78)', () => {
  expect(scanFiles(sources, 'plainCompare').sort()).toEqual(Object.values(COMPARED).flat().sort());
});

test('nothing that is read, received or stored chooses code, or a class (SEC-31)', () => {
  expect(scanFiles(sources, 'choosesCode').sort()).toEqual(Object.values(CHOSEN).flat().sort());
});

test.each([
  ['plainCompare', 'if (row.secret === given) accept();'],
  ['plainCompare', 'const isRight = digestOf(code) !== stored;'],
  ['plainCompare', "return body['token'] == wanted;"],
  ['choosesCode', "import { runInNewContext } from 'node:vm';"],
  ['choosesCode', 'eval(script);'],
  ['choosesCode', 'new Function(text)();'],
  ['choosesCode', 'await import(row.className);'],
  ['choosesCode', 'new registry[row.type](row);'],
  ['choosesCode', "const { deserialize } = require('v8');"],
])('%s is found in: %s', (scan, text) => {
  expect(findingsIn(text, scan)).toHaveLength(1);
});

test.each([
  ['plainCompare', "if (secret === undefined || state !== 'pending') return;"],
  ['plainCompare', 'if (status === wanted) return;'],
  ['choosesCode', "const { serve } = await import('./serve.ts');"],
])('%s is not found in: %s', (scan, text) => {
  expect(findingsIn(text, scan)).toEqual([]);
});
