import { type Account, answersSignIns, type PushAccount } from '../accounts/account.ts';
import type { PhoneStore } from '../accounts/phone-store.ts';
import type { SetupCode } from '../server/setup-code.ts';

/** The accounts of the phone, in the order of its owner: each change is kept before it counts as done. */
export interface AccountBook {
  all(): readonly Account[];
  /** Those that requests arrive for. */
  answering(): readonly PushAccount[];
  find(id: string): Account | undefined;
  findPush(id: string): PushAccount | undefined;
  /** Whether the phone has what a setup code would add. */
  has(code: SetupCode): boolean;
  /** Behind all others. */
  nextPosition(): number;
  load(): Promise<void>;
  keep(account: Account): Promise<void>;
  /** Changes an account as it is now: what was read before a pause may be old. */
  change(id: string, next: (account: Account) => Account): Promise<void>;
  /** One place up (-1) or down (1). */
  move(id: string, by: -1 | 1): Promise<void>;
  /** Leaves it out from now on; the store still has it. */
  leaveOut(id: string): void;
}

const byPosition = (accounts: readonly Account[]): readonly Account[] =>
  [...accounts].sort((a, b) => a.position - b.position);

export const createAccountBook = (
  store: Pick<PhoneStore, 'accounts' | 'putAccount'>,
  onChange: () => void,
): AccountBook => {
  let accounts: readonly Account[] = [];

  const answering = () => accounts.filter(answersSignIns);
  const find = (id: string) => accounts.find((it) => it.id === id);
  const keep = async (account: Account): Promise<void> => {
    accounts = byPosition([...accounts.filter(({ id }) => id !== account.id), account]);
    await store.putAccount(account);
    onChange();
  };

  return {
    all: () => accounts,
    answering,
    find,
    findPush: (id) => answering().find((it) => it.id === id),
    has: ({ issuer, account, push, oath }) =>
      accounts.some(
        (it) =>
          it.issuer === issuer &&
          it.name === account &&
          ((it.push !== undefined && push !== undefined) || (it.codes !== undefined && oath !== undefined)),
      ),
    nextPosition: () => Math.max(0, ...accounts.map(({ position }) => position)) + 1,
    async load() {
      accounts = byPosition(await store.accounts());
    },
    keep,
    async change(id, next) {
      const account = find(id);
      if (account !== undefined) await keep(next(account));
    },
    async move(id, by) {
      const at = accounts.findIndex((it) => it.id === id);
      const [one, other] = [accounts[at], accounts[at + by]];
      if (one === undefined || other === undefined) return;
      await keep({ ...one, position: other.position });
      await keep({ ...other, position: one.position });
    },
    leaveOut(id) {
      accounts = accounts.filter((it) => it.id !== id);
    },
  };
};
