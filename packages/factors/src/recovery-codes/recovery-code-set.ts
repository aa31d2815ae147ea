import { createHmac } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';
import { timeOrderedUuid } from '@assent/engine/host';
import { type CodeType, IMPORTED_SELECTOR, type RecoveryCodeRow } from '../model/recovery-codes.ts';
import { proofUnder, readCarriedCode } from './carried-codes.ts';
import { codeInClear, importedCodeHash } from './imported-codes.ts';

/** Crockford's base 32: no I, L, O, U, so that nothing is misread. */
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 16;
const CODE_COUNT = 10;
/** Longer input is no code, however many blanks and dashes it has. */
const MAX_INPUT_LENGTH = 64;

/** The code that somebody meant: any case, blanks and dashes, O for 0, I and L for 1; undefined where it is none. */
export function readRecoveryCode(input: string): string | undefined {
  if (input.length > MAX_INPUT_LENGTH) return undefined;
  const code = input
    .toUpperCase()
    .replace(/[\s\p{Dash}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return code.length === CODE_LENGTH && [...code].every((it) => CODE_ALPHABET.includes(it)) ? code : undefined;
}

/** Makes sets of recovery codes, and the MACs that they are kept as. */
export interface RecoveryCodeSets {
  /** Ten different codes of 80 random bits each (SEC-43). */
  generate(): readonly string[];
  /** What is stored of codes that a user may use as one type; the user and type are part of what is hashed (SEC-48). */
  rowsOf(
    owner: Pick<RecoveryCodeRow, 'realm' | 'userId' | 'deviceType'>,
    codes: readonly string[],
  ): readonly RecoveryCodeRow[];
  /**
   * What is stored of the codes of another server: of one that stands there in clear what is stored of ours, of a hash the hash.
   * Undefined for what is neither.
   */
  importedRowOf(
    owner: Pick<RecoveryCodeRow, 'realm' | 'userId' | 'deviceType'>,
    stored: string,
  ): RecoveryCodeRow | undefined;
  /** Where the row of a code is found. */
  selectorOf(userId: string, type: CodeType, code: string): string;
  /** What proves that the code is that of the row. */
  proofOf(userId: string, type: CodeType, code: string): Buffer;
}

/** Sets of recovery codes under the sealed key of the installation (SEC-44). */
export const recoveryCodeSets = ({
  random,
  clock,
  codePepper,
}: {
  readonly random: Random;
  readonly clock: Clock;
  readonly codePepper: Uint8Array;
}): RecoveryCodeSets => {
  if (codePepper.length < 32) throw new RangeError('the key of recovery codes has at least 32 bytes');

  const selectorOf = (userId: string, type: CodeType, code: string): string =>
    createHmac('sha256', codePepper)
      .update(`selector\0${userId}\0${type}\0${code}`)
      .digest()
      .subarray(0, 9)
      .toString('base64url');
  const proofOf = (userId: string, type: CodeType, code: string): Buffer => proofUnder(codePepper, userId, type, code);

  // Nobody is shown it. All of a set are written at once, so they lie next to each other in its index (ADR 33).
  const nextId = (): string => timeOrderedUuid(random, clock.now());
  const rowOf = (owner: Pick<RecoveryCodeRow, 'realm' | 'userId' | 'deviceType'>, code: string): RecoveryCodeRow => ({
    ...owner,
    id: nextId(),
    selector: selectorOf(owner.userId, owner.deviceType, code),
    hash: proofOf(owner.userId, owner.deviceType, code).toString('base64url'),
  });

  // 256 is a multiple of 32, so five bits of each byte are unbiased.
  const generateCode = (): string => [...random.bytes(CODE_LENGTH)].map((byte) => CODE_ALPHABET[byte & 31]).join('');

  return {
    generate() {
      const codes = new Set<string>();
      while (codes.size < CODE_COUNT) codes.add(generateCode());
      return [...codes];
    },
    rowsOf: (owner, codes) => codes.map((code) => rowOf(owner, code)),
    importedRowOf(owner, stored) {
      const hash = readCarriedCode(stored) === undefined ? importedCodeHash(stored) : stored;
      if (hash !== undefined) return { ...owner, id: nextId(), selector: IMPORTED_SELECTOR, hash };
      const code = codeInClear(stored);
      return code === undefined ? undefined : rowOf(owner, code);
    },
    selectorOf,
    proofOf,
  };
};
