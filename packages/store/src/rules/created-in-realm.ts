import type { ChangeOf, ChangeType, StoreChange } from '../ports/store.ts';

/**
 * The changes that create something in a realm, or let it be used: a store refuses each of them while the realm is switched off (SEC-89).
 * A step of a journey is one of them, and stands for everything that its commit creates, such as users and devices.
 */
export type CreatingType =
  | 'journey.insert'
  | 'journey.advance'
  | 'session.insert'
  | 'backChannel.open'
  | 'push.open'
  | 'push.answer'
  | 'grant.open'
  | 'grant.redeem'
  | 'grant.refresh'
  | 'parked.put'
  | 'pendingApproval.open'
  | 'pendingApproval.decide';

/** The realm of a change, or the row whose realm it is. */
export type CreatedIn =
  | { readonly realm: string }
  | { readonly table: 'push_message' | 'oauth_grant' | 'oauth_pending'; readonly id: string };

const CREATED_IN: { readonly [T in CreatingType]: (change: ChangeOf<T>) => CreatedIn | undefined } = {
  'journey.insert': ({ row }) => row,
  'journey.advance': ({ row }) => row,
  'session.insert': ({ row }) => row,
  'backChannel.open': ({ row }) => row,
  'push.open': ({ rows }) => rows[0],
  'push.answer': ({ id }) => ({ table: 'push_message', id }),
  'grant.open': ({ row }) => row,
  'grant.redeem': ({ id }) => ({ table: 'oauth_grant', id }),
  'grant.refresh': ({ id }) => ({ table: 'oauth_grant', id }),
  'parked.put': ({ row }) => row,
  'pendingApproval.open': ({ row }) => row,
  // A refusal by the user creates nothing.
  'pendingApproval.decide': ({ idHash, approved }) =>
    approved === undefined ? undefined : { table: 'oauth_pending', id: idHash },
};

/** @internal Tests ask of each type. */
export const isCreating = (type: ChangeType): type is CreatingType => Object.hasOwn(CREATED_IN, type);

/** Where a change creates something; undefined for a change that creates nothing which a realm that is off would refuse. */
export const createdIn = (change: StoreChange): CreatedIn | undefined => {
  if (!isCreating(change.type)) return undefined;
  return (CREATED_IN[change.type] as (given: StoreChange) => CreatedIn | undefined)(change);
};
