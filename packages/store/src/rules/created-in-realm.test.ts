import { expect, test } from 'vitest';
import type { ChangeType } from '../ports/store.ts';
import { World } from '../testing/pairs/world.ts';
import { createdIn, isCreating } from './created-in-realm.ts';

const changes = Object.values(new World('alpha').changes(0));

test('says of each change that creates something where that is (SEC-89)', () => {
  for (const change of changes.filter(({ type }) => isCreating(type))) {
    const created = createdIn(change);
    expect(created === undefined ? undefined : 'realm' in created ? created.realm : created.id).toMatch(/alpha$/);
  }
});

test('knows each other type of change: a new one is listed here, or a realm that is switched off refuses it (SEC-89)', () => {
  const others = changes.map(({ type }): ChangeType => type).filter((type) => !isCreating(type));
  // They end, count, ask or record something, or are committed with a step of a journey or with the conditions of a caller.
  expect(others.toSorted()).toMatchInlineSnapshot(`
    [
      "audit.append",
      "audit.erase",
      "backChannel.approve",
      "backChannel.consume",
      "backChannel.deny",
      "backChannel.start",
      "backChannel.tell",
      "bound.accessed",
      "bound.delete",
      "bound.deleteAll",
      "bound.insert",
      "bound.update",
      "code.use",
      "codes.replace",
      "configuration.change",
      "consent.drop",
      "consent.save",
      "device.accessed",
      "device.confirm",
      "device.delete",
      "device.deleteAll",
      "device.discard",
      "device.insert",
      "device.update",
      "grant.dropAccess",
      "grant.end",
      "grant.endOfUser",
      "identity.active",
      "identity.attributes",
      "identity.delete",
      "identity.endAccess",
      "identity.entryMark",
      "identity.erase",
      "identity.insert",
      "identity.password",
      "identity.rehash",
      "identity.rename",
      "identity.revoke",
      "identity.unchanged",
      "identity.usable",
      "metadata.keep",
      "oath.delete",
      "oath.deleteAll",
      "oath.insert",
      "oath.update",
      "outbox.bury",
      "outbox.claim",
      "outbox.defer",
      "outbox.put",
      "outbox.revive",
      "outbox.settle",
      "parked.spend",
      "passkey.delete",
      "passkey.deleteAll",
      "passkey.insert",
      "passkey.update",
      "passkey.used",
      "pendingApproval.poll",
      "pendingApproval.take",
      "proposal.put",
      "proposal.settle",
      "push.badProof",
      "push.claim",
      "push.close",
      "push.closeJourney",
      "push.closeUser",
      "push.consume",
      "push.defer",
      "push.delivery",
      "push.renewClaim",
      "realm.usable",
      "replay.room",
      "replay.see",
      "session.end",
      "session.endAllOf",
      "session.endOthersOf",
      "session.properties",
      "session.touch",
      "session.usable",
      "signingKey.drop",
      "signingKey.insert",
      "signingKey.rotate",
      "throttle.clear",
      "throttle.forgive",
      "throttle.hit",
      "throttle.put",
      "throttle.takeBack",
      "throttle.unlocked",
      "users.insert",
    ]
  `);
});
