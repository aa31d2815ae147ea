import {
  MAX_PROPOSALS_OF_PROPOSER,
  MAX_PROPOSALS_OF_REALM,
  MAX_PROPOSED_BYTES_OF_REALM,
  type Proposal,
  type ProposalReader,
} from '@assent/engine/host';
import { sizeOfProposal } from '../../rules/proposal-size.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder, someLockedInOrder } from '../verbs/locked-in-order.ts';
import { all, first, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  id: string,
  realm: string,
  proposer: string,
  document: Uint8Array,
  createdAt: number,
  expiresAt: number,
];

const COLUMNS = 'id, realm, proposer, document, created_at, expires_at';
const select = statement<Row>(`SELECT ${COLUMNS} FROM proposal WHERE id = ? AND realm = ?`);
const selectRealm = statement<Row>(
  `SELECT ${COLUMNS} FROM proposal WHERE realm = ? AND expires_at > ? ORDER BY created_at, id`,
);
const waiting = (what: string, also = '') => `(SELECT ${what} FROM proposal WHERE realm = ? AND expires_at > ?${also})`;
/** Those that wait are counted under the lock of the configuration, so that two at once do not both take the last place. */
const insert = statement(
  `INSERT INTO proposal (${COLUMNS}, size) SELECT ?, ?, ?, ?, ?, ?, ?
   WHERE ${waiting('COUNT(*)')} < ? AND ${waiting('COALESCE(SUM(size), 0)')} <= ?
     AND ${waiting('COUNT(*)', ' AND proposer = ?')} < ? ON CONFLICT DO NOTHING`,
);
const settle = statement('DELETE FROM proposal WHERE id = ? AND realm = ? AND expires_at > ? AND proposer <> ?');
const deleteSome = statement(`DELETE FROM proposal WHERE ${someLockedInOrder('proposal', 'id', 'realm = ?')}`);
const deleteUsers = statement(`DELETE FROM proposal WHERE ${lockedInOrder('proposal', 'id', 'proposer = {any}')}`);
const sweep = statement(`DELETE FROM proposal WHERE ${dueLockedInOrder('proposal', 'id', 'expires_at <= ?')}`);

export const placeOfProposal = (id: string, realm: string) => ({ table: 'proposal', id, realm, userId: '' });

const OF_PROPOSALS = { tables: ['proposal'] } as const;

export const PROPOSAL_CHANGES = defineChanges({
  'proposal.put': { ...OF_PROPOSALS, creates: 'nothing', locks: { configuration: true } },
  'proposal.settle': { ...OF_PROPOSALS, creates: 'nothing' },
});

export const proposalsTopic = (sealer: Sealer) => {
  const proposalOf = ([id, realm, proposer, sealed, createdAt, expiresAt]: Row): Proposal | undefined => {
    const document = sealer.tryOpen('secret', placeOfProposal(id, realm), sealed)?.toString();
    return document === undefined ? undefined : { id, realm, proposer, document, createdAt, expiresAt };
  };
  return {
    reader: {
      *get(realm, id) {
        const row = yield* first(select, id, realm);
        return row === undefined ? undefined : proposalOf(row);
      },
      *ofRealm(realm, now) {
        return (yield* all(selectRealm, realm, now)).flatMap((row) => proposalOf(row) ?? []);
      },
    } satisfies ReadVerbs<ProposalReader>,
    changes: {
      *'proposal.put'({ row, now }) {
        const { id, realm, proposer, document, createdAt, expiresAt } = row;
        const sealed = sealer.seal('secret', placeOfProposal(id, realm), document);
        const size = sizeOfProposal(row);
        const values = [id, realm, proposer, sealed, createdAt, expiresAt, size] as const;
        const others = [realm, now] as const;
        const room = MAX_PROPOSED_BYTES_OF_REALM - size;
        const ofRealm = [...others, MAX_PROPOSALS_OF_REALM, ...others, room] as const;
        const ofProposer = [...others, proposer, MAX_PROPOSALS_OF_PROPOSER] as const;
        return (yield* run(insert, ...values, ...ofRealm, ...ofProposer)) === 1;
      },
      *'proposal.settle'({ id, realm, now, notBy = '' }) {
        return (yield* run(settle, id, realm, now, notBy)) === 1;
      },
    } satisfies VerbsOf<typeof PROPOSAL_CHANGES>,
    *sweep(expiredBy: number, limit: number): Verb<number> {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
    *deleteSome(realm: string, limit: number): Verb<number> {
      return yield* run(deleteSome, realm, limit);
    },
    *deleteUsers(ids: readonly string[]): Verb<void> {
      yield* run(deleteUsers, ids);
    },
  };
};
