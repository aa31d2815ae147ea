import { JourneyError } from '@assent/engine';
import type { Call } from '../../http/call.ts';

/** What a start asks for: a journey by its name, the default one of the realm, or one that a back channel has prepared. */
export type RequestedStart =
  | { readonly kind: 'tree'; readonly tree?: string }
  | { readonly kind: 'backChannel'; readonly id: string };

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

const startOfAdvice = (text: string, realmPath: string): RequestedStart => {
  const [, name = '', value = ''] = text.length > MAX_ADVICE_LENGTH ? [] : (ADVICE.exec(text) ?? []);
  const said = textOf(value).trim();
  switch (name) {
    case 'AuthenticateToServiceConditionAdvice':
    case 'AuthenticateToTreeConditionAdvice':
      return { kind: 'tree', tree: treeOfAdvice(said, realmPath) };
    case 'TransactionConditionAdvice':
      return { kind: 'backChannel', id: said };
    default:
      throw invalid(
        'authIndexValue must hold one advice, AuthenticateToServiceConditionAdvice, AuthenticateToTreeConditionAdvice or TransactionConditionAdvice, as <Advices> in XML.',
      );
  }
};

/** What the query asks to start (spec: journeys-rest §1.3). An advice leads to the same start as the index that it stands for. */
export const requestedStart = ({ query, realmPath }: Pick<Call, 'query' | 'realmPath'>): RequestedStart => {
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
      return startOfAdvice(authIndexValue, realmPath);
    default:
      throw new JourneyError('INDEX_TYPE_UNKNOWN', { indexType: authIndexType.slice(0, 64) });
  }
};
