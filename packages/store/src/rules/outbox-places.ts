import { MAX_WAITING_OF_RECIPIENT, type OutboxEntry } from '@assent/engine/host';

const recipientOf = ({ realm, kind, recipient }: OutboxEntry): string => JSON.stringify([realm, kind, recipient]);
const userOf = ({ userId = '', kind }: OutboxEntry): string => JSON.stringify([userId, kind]);

/** One entry of each. */
const oneOfEach = (entries: readonly OutboxEntry[], keyOf: (entry: OutboxEntry) => string): readonly OutboxEntry[] => [
  ...new Map(entries.map((entry) => [keyOf(entry), entry])).values(),
];

/** What is in the outbox of the entries, their recipients and their users, each in the order of {@link toCount}. */
export interface FoundInOutbox {
  readonly ids: readonly string[];
  readonly ofRecipients: readonly number[];
  readonly ofUsers: readonly number[];
}

/** Whose entries are to be counted before some are put: an entry of each recipient, and of each user and kind with a bound. */
export const toCount = (entries: readonly OutboxEntry[]) => ({
  recipients: oneOfEach(entries, recipientOf),
  users: oneOfEach(
    entries.filter(({ userId, mostOfUser }) => userId !== undefined && mostOfUser !== undefined),
    userOf,
  ),
});

/**
 * Which of the entries have a place, as if each was put after the one before it: what is there already stays and takes none, and what there is no
 * place for is lost.
 */
export const withPlaces = (entries: readonly OutboxEntry[], found: FoundInOutbox) => {
  const { recipients, users } = toCount(entries);
  const ids = new Set(found.ids);
  const waiting = new Map(recipients.map((one, at) => [recipientOf(one), found.ofRecipients[at] ?? 0]));
  const ofUsers = new Map(users.map((one, at) => [userOf(one), found.ofUsers[at] ?? 0]));
  const placed: OutboxEntry[] = [];
  const lost: OutboxEntry[] = [];
  for (const entry of entries) {
    if (ids.has(entry.id)) continue;
    const [recipient, user] = [recipientOf(entry), userOf(entry)];
    const ofRecipient = waiting.get(recipient) ?? 0;
    const ofUser = ofUsers.get(user);
    const hasPlace =
      ofRecipient < MAX_WAITING_OF_RECIPIENT &&
      (ofUser === undefined || ofUser < (entry.mostOfUser ?? Number.MAX_SAFE_INTEGER));
    if (!hasPlace) {
      lost.push(entry);
      continue;
    }
    ids.add(entry.id);
    waiting.set(recipient, ofRecipient + 1);
    if (ofUser !== undefined) ofUsers.set(user, ofUser + 1);
    placed.push(entry);
  }
  return { placed, lost };
};
