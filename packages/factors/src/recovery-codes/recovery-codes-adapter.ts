import type { ThrottlePolicy } from '@assent/engine';
import { type Adapter, auditIn, type EngineChange, throttleAdapter } from '@assent/engine/host';
import { sameBytes } from '@assent/push/jose';
import type { FactorDependencies } from '../model/factor-dependencies.ts';
import { nobodyCounted } from '../model/nobody-counted.ts';
import {
  type CodeType,
  IMPORTED_SELECTOR,
  type RecoveryCodeChange,
  type RecoveryCodeRow,
  type RecoveryCodes,
} from '../model/recovery-codes.ts';
import { proofUnder, readCarriedCode } from './carried-codes.ts';
import { isImportedCode, literalCode } from './imported-codes.ts';
import { readRecoveryCode, recoveryCodeSets } from './recovery-code-set.ts';

/** The fifth wrong code in a row locks for a quarter of an hour (SEC-46). */
export const RECOVERY_POLICY: ThrottlePolicy = {
  windowMillis: 24 * 3_600_000,
  free: 5,
  lockMillis: 900_000,
  maxLockMillis: 900_000,
};

/** One set for two devices: what is used as one of them is used as the other (nodes-mfa §8.2, 8). */
const TWIN_OF: Readonly<Record<CodeType, CodeType | undefined>> = { push: 'oath', oath: 'push', webauthn: undefined };

/** Counts a user's wrong recovery codes. */
const recoverySubject = (userId: string): string => `recovery:${userId}`;

/** Recovery codes as the nodes of one unit of work see them: 80 random bits each, kept as MACs under a sealed key. */
export const recoveryCodesAdapter = ({
  devices,
  throttles,
  isKnownSource,
  clock,
  random,
  codePepper,
  carriedCodeKey = async () => undefined,
}: Pick<
  FactorDependencies,
  'devices' | 'throttles' | 'isKnownSource' | 'clock' | 'random' | 'codePepper' | 'carriedCodeKey'
>): Adapter<RecoveryCodes> => {
  const sets = recoveryCodeSets({ random, clock, codePepper });
  const throttleOf = throttleAdapter(throttles, clock, isKnownSource);

  return (unit) => {
    const guesses = throttleOf(unit);
    /** What this unit of work has used, and the sets that it has replaced: not stored before it commits. */
    const used = unit.keep('codes:used', () => new Map<string, RecoveryCodeRow>());
    const replaced = unit.keep('codes:replaced', () => new Map<string, readonly RecoveryCodeRow[]>());
    const setOf = (userId: string, type: CodeType) => replaced.get(`${type} ${userId}`);
    const use = (row: RecoveryCodeRow): void => {
      used.set(row.id, row);
      unit.stage({ type: 'code.use', id: row.id } satisfies RecoveryCodeChange);
    };
    const audit = (event: string, userId: string | undefined, type: CodeType, outcome?: string): EngineChange =>
      auditIn(unit, clock.now(), event, {
        ...(userId !== undefined && { userId }),
        ...(outcome !== undefined && { outcome }),
        detail: { type },
      });

    const store = (userId: string, type: CodeType, codes: readonly string[]): void => {
      const rows = sets.rowsOf({ realm: unit.realm.realm, userId, deviceType: type }, codes);
      unit.stage({ type: 'codes.replace', userId, deviceType: type, rows } satisfies RecoveryCodeChange);
      replaced.set(`${type} ${userId}`, rows);
      unit.stage(audit('RECOVERY_CREATED', userId, type));
    };
    /** By what was typed as a code of ours, and as one that came from elsewhere; in one read, usable or not. */
    const find = async (userId: string, type: CodeType, input: string): Promise<RecoveryCodeRow | undefined> => {
      const readings = [readRecoveryCode(input) ?? '', literalCode(input) ?? ''];
      const selectors = [...readings.map((code) => sets.selectorOf(userId, type, code)), IMPORTED_SELECTOR];
      const rows =
        setOf(userId, type)?.filter(({ selector }) => selectors.includes(selector)) ??
        (await devices.codesBySelector(userId, type, selectors));
      const [own = ''] = readings;
      const isCarried = async (hash: string): Promise<boolean> => {
        const carried = readCarriedCode(hash);
        const key = carried && (await carriedCodeKey(carried.keyId));
        if (carried === undefined || key === undefined || own === '') return false;
        return sameBytes(proofUnder(key, carried.userId, type, own), carried.proof);
      };
      const isOf = async (row: RecoveryCodeRow): Promise<boolean> =>
        row.selector === IMPORTED_SELECTOR
          ? isImportedCode(row.hash, input) || (await isCarried(row.hash))
          : readings.some(
              (code) => code !== '' && sameBytes(sets.proofOf(userId, type, code), Buffer.from(row.hash, 'base64url')),
            );
      for (const row of rows) if (!used.has(row.id) && (await isOf(row))) return row;
      return undefined;
    };

    return {
      async replace(userId, type) {
        const codes = sets.generate();
        store(userId, type, codes);
        return codes;
      },

      async replaceBoth(userId) {
        const codes = sets.generate();
        store(userId, 'push', codes);
        store(userId, 'oath', codes);
        return codes;
      },

      async use(owner, type, input) {
        const userId = 'nobody' in owner ? undefined : owner.id;
        const guess = 'nobody' in owner ? { userId } : { userId, credentialRev: owner.credentialRev };
        const counter = recoverySubject('nobody' in owner ? nobodyCounted(unit, owner.nobody) : owner.id);
        const { locked } = await guesses.state(counter, guess);
        const row = await find(userId ?? '', type, input);
        // 80 random bits cannot be guessed: such a code is the way in where strangers have used up what they may guess (SEC-87).
        const isUnguessable = row !== undefined && readRecoveryCode(input) !== undefined;
        if (locked && !isUnguessable) {
          unit.stageAlways(audit('THROTTLED', userId, type, 'recovery'));
          return 'locked';
        }
        if (row === undefined || userId === undefined) {
          await guesses.hit(counter, RECOVERY_POLICY, guess);
          unit.stageAlways(audit('RECOVERY_FAIL', userId, type));
          return (await guesses.state(counter, guess)).locked ? 'locked' : 'wrong';
        }
        use(row);
        const twinType = TWIN_OF[type];
        const twin = twinType && (await find(userId, twinType, input));
        if (twin !== undefined) use(twin);
        unit.stage(audit('RECOVERY_USED', userId, type));
        await guesses.clear(counter, guess, { evenIfLocked: isUnguessable });
        return 'good';
      },

      async count(userId, type) {
        const own = setOf(userId, type);
        if (own !== undefined) return own.filter(({ id }) => !used.has(id)).length;
        const ofSet = [...used.values()].filter((row) => row.userId === userId && row.deviceType === type);
        return (await devices.countCodes(userId, type)) - ofSet.length;
      },
    };
  };
};
