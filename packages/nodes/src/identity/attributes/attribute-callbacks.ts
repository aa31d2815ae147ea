import {
  booleanAttributeInputCallback,
  type CallbackAnswer,
  numberAttributeInputCallback,
  type SentCallback,
  stringAttributeInputCallback,
} from '@assent/engine';
import type { AttributeType } from '../users/user-attributes.ts';

export type AttributeValue = string | number | boolean | null;

/** What an attribute is asked with. */
export interface AttributeQuestion {
  readonly name: string;
  readonly prompt: string;
  readonly required: boolean;
  readonly policies: Record<string, unknown>;
  readonly failedPolicies: string[];
  readonly validateOnly: boolean;
}

export const attributeCallbacks = [
  stringAttributeInputCallback,
  numberAttributeInputCallback,
  booleanAttributeInputCallback,
] as const;

/** A value as its type has it: what was put in, collected or stored, which is text there. */
const asType = (type: AttributeType, value: unknown): AttributeValue => {
  const isAbsent = value === undefined || value === null || value === '';
  if (type === 'boolean') return value === true || value === 'true';
  if (type === 'string') return isAbsent ? '' : String(value);
  const number = isAbsent ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
};

export const attributeCallback = (type: AttributeType, question: AttributeQuestion, value: unknown): SentCallback => {
  const typed = asType(type, value);
  if (type === 'boolean') return booleanAttributeInputCallback({ ...question, value: typed === true });
  if (type === 'number') {
    return numberAttributeInputCallback({ ...question, value: typeof typed === 'number' ? typed : null });
  }
  return stringAttributeInputCallback({ ...question, value: String(typed) });
};

/** What came back for the callback at a position. */
export const attributeAnswer = (
  answers: readonly CallbackAnswer[],
  at: number,
): { readonly value: AttributeValue; readonly validateOnly: boolean } | undefined => {
  const answer = answers[at];
  return answer && { value: answer[''] as AttributeValue, validateOnly: answer.validateOnly === true };
};

/** A box that is not ticked is an answer, too. */
export const isMissing = (value: AttributeValue): boolean =>
  value === null || (typeof value === 'string' && value.trim() === '');
