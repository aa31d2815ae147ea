import { CommitAuthority } from './commit-authority.ts';
import { ConfigurationWrites } from './configuration-writes.ts';
import type { LiveConfiguration } from './live-configuration.ts';

declare const live: LiveConfiguration;
declare const writes: ConfigurationWrites;
const lane = { realm: '/', caller: 'i' };
const session = { type: 'session.usable', tokenHash: 'h', now: 1 } as const;
const identity = { type: 'identity.usable', id: 'i', credentialRev: 1 } as const;
const realm = { type: 'realm.usable', realm: '/' } as const;

void writes.decided(CommitAuthority.ofSystem('command line'), () => ({}));
void writes.decided(
  CommitAuthority.ofCaller(lane, () => ({ conditions: [session, identity, realm] })),
  () => ({}),
);

// @ts-expect-error Configuration is not committed without an authority.
void writes.decided(() => ({}));
// @ts-expect-error An object with the same methods is no authority.
void writes.decided({ conditionsNow: () => ({ conditions: [] }) }, () => ({}));
// @ts-expect-error The constructor is private: an authority comes from a caller or a listed reason.
new CommitAuthority(lane, () => ({ conditions: [] }));
// @ts-expect-error The reasons without a caller are a closed list.
CommitAuthority.ofSystem('because');
// @ts-expect-error A caller has conditions.
CommitAuthority.ofCaller(lane, () => ({ conditions: [] }));
// @ts-expect-error A session alone is not enough: the account must be usable, too.
CommitAuthority.ofCaller(lane, () => ({ conditions: [session] }));
// @ts-expect-error A session and an account are not enough: the realm must be in force, too (SEC-89).
CommitAuthority.ofCaller(lane, () => ({ conditions: [session, identity] }));
// @ts-expect-error The conditions stand first.
CommitAuthority.ofCaller(lane, () => ({ conditions: [{ type: 'audit.append' }, session, identity, realm] }));
// @ts-expect-error The committer behind the writes cannot be reached.
new ConfigurationWrites(live, { commit: async () => ({ committed: true }) }).committer;
// @ts-expect-error A caller has a lane: no commit skips the turns of realms.
CommitAuthority.ofCaller(() => ({ conditions: [session, identity, realm] }));
