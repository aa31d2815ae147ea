import { JourneyError, type RealmSettings } from '@assent/engine';
import type { Call } from '../../http/call.ts';
import { journeyToLevel } from '../../journeys/level-journeys.ts';

/** A journey by its name, or the default one of the realm. */
export interface StartOfTree {
  readonly kind: 'tree';
  readonly tree?: string;
  /** The authentication level for which the journey runs: a session that has the level is enough. */
  readonly authLevel?: number;
}

/** What a start asks for: a journey, or one that a back channel has prepared. */
export type RequestedStart = StartOfTree | { readonly kind: 'backChannel'; readonly id: string };

type LevelJourneys = Pick<RealmSettings, 'realm' | 'authLevelJourneys'>;

const MAX_ADVICE_LENGTH = 2_000;

/** One advice of a policy, as AM writes it: its name and its first value. Each part excludes what ends it, so that reading is linear. */
const ADVICE =
  /^\s*<Advices>\s*<AttributeValuePair>\s*<Attribute\s+name="(\w{1,64})"\s*\/>\s*<Value>([^<]{1,512})<\/Value>/;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const textOf = (xml: string): string =>
  xml.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');

/** A journey with the realm that it is of before it, as AM qualifies it: `/alpha:PushLogin`. */
const treeOfAdvice = (value: string, realmPath: string): string => {
  const [, realm = realmPath, tree = ''] = /^(?:(\/[^:]*):)?(.+)$/s.exec(value) ?? [];
  if (realm !== realmPath) throw invalid(`The advice names a journey of ${realm}. Send it to that realm.`);
  return tree;
};

const invalid = (reason: string): JourneyError<'REQUEST_INVALID'> => new JourneyError('REQUEST_INVALID', { reason });

/**
 * An advice names a level, and the realm says which journey reaches which level: the lowest level that is high enough decides. Level 0 is that
 * of every session, so the default journey reaches it.
 */
const startOfLevel = (value: string, { realm, authLevelJourneys }: LevelJourneys): RequestedStart => {
  const [, of = realm, digits = ''] = /^(?:(\/[^:]{0,256}):)?(\d{1,5})$/.exec(value) ?? [];
  if (digits === '') throw invalid('AuthLevelConditionAdvice must hold a number, such as 10 or /alpha:10.');
  if (of !== realm) throw invalid(`The advice names a level of ${of}. Send it to that realm.`);
  const authLevel = Number(digits);
  const tree = journeyToLevel(authLevelJourneys, authLevel);
  if (tree === undefined && authLevel > 0) throw new JourneyError('AUTH_LEVEL_UNKNOWN', { level: authLevel });
  return { kind: 'tree', authLevel, ...(tree !== undefined && { tree }) };
};

const startOfAdvice = (text: string, realm: LevelJourneys): RequestedStart => {
  const [, name = '', value = ''] = text.length > MAX_ADVICE_LENGTH ? [] : (ADVICE.exec(text) ?? []);
  const said = textOf(value).trim();
  switch (name) {
    case 'AuthenticateToServiceConditionAdvice':
    case 'AuthenticateToTreeConditionAdvice':
      return { kind: 'tree', tree: treeOfAdvice(said, realm.realm) };
    case 'TransactionConditionAdvice':
      return { kind: 'backChannel', id: said };
    case 'AuthLevelConditionAdvice':
      return startOfLevel(said, realm);
    default:
      throw invalid(
        'authIndexValue must hold one advice, AuthenticateToServiceConditionAdvice, AuthenticateToTreeConditionAdvice, AuthLevelConditionAdvice or TransactionConditionAdvice, as <Advices> in XML.',
      );
  }
};

/** What the query asks to start (spec: journeys-rest §1.3). An advice leads to the same start as the index that it stands for. */
export const requestedStart = ({
  query,
  realm,
}: Pick<Call, 'query'> & { readonly realm: LevelJourneys }): RequestedStart => {
  const { authIndexType, authIndexValue = '' } = query;
  switch (authIndexType) {
    case undefined:
    case '':
      return { kind: 'tree' };
    case 'service':
      return authIndexValue === '' ? { kind: 'tree' } : { kind: 'tree', tree: authIndexValue };
    case 'transaction':
      return { kind: 'backChannel', id: authIndexValue };
    case 'composite_advice':
      return startOfAdvice(authIndexValue, realm);
    default:
      throw new JourneyError('INDEX_TYPE_UNKNOWN', { indexType: authIndexType.slice(0, 64) });
  }
};
