import { isJsonObject } from '@assent/wire';
import type { z } from 'zod';
import { type Answer, refuse } from '../../http/call.ts';

/** What a client hears of an attribute that it has written wrong, in AM's words and under the name that it has written. */
export const refusedAttribute = (attribute: string, reason: string): Answer =>
  refuse(400, `Data validation failed for the attribute, ${attribute}: ${reason}`, { attribute });

const memberAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, name) => (isJsonObject(value) ? value[String(name)] : undefined), given);

/** The first of what is wrong with a document; parts of an attribute stand after it, as in `headers/accept`. */
export const refusedDocument = ({ issues: [issue] }: z.ZodError, given: unknown): Answer => {
  const path = issue?.path ?? [];
  const nameOf = (names: readonly PropertyKey[]): string => names.map(String).join('/');
  if (issue?.code === 'unrecognized_keys') {
    return refusedAttribute(nameOf([...path, ...issue.keys.slice(0, 1)]), 'It is not known here.');
  }
  const isMissing = issue?.code === 'invalid_type' && memberAt(given, path) === undefined;
  return refusedAttribute(nameOf(path), isMissing ? 'It is not set.' : (issue?.message ?? ''));
};
