import type { ScriptDocument } from '@assent/engine';
import { SCRIPT_LANGUAGE } from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '../json.ts';

/** Bytes of a script's text in UTF-8. */
export const MAX_SCRIPT_BYTES = 64 * 1024;

/** Members that this server reads or writes itself; any other is kept, and those that begin with `_` are not looked at. */
export const SCRIPT_MEMBERS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'script',
  'default',
  'language',
  'context',
  'evaluatorVersion',
  'createdBy',
  'creationDate',
  'lastModifiedBy',
  'lastModifiedDate',
]);

/** The engines by every name that exports have for them. */
const EVALUATOR_VERSIONS: ReadonlyMap<unknown, ScriptDocument['evaluatorVersion']> = new Map([
  ['1.0', '1.0'],
  ['V1_0', '1.0'],
  ['2.0', '2.0'],
  ['V2_0', '2.0'],
]);

/** What a client may say about a script; who made it and when is the server's to say. */
export type ScriptInput = Pick<
  ScriptDocument,
  'name' | 'description' | 'source' | 'context' | 'evaluatorVersion' | 'language' | 'default' | 'kept'
>;

const WORD = /^[A-Z0-9_]{1,100}$/;
const BASE64 = /^[A-Za-z0-9+/\s]*(?:={1,2}\s*)?$/;

/** The text that stands in base64; undefined for other text. */
export const textOfBase64 = (given: string): string | undefined => {
  if (!BASE64.test(given)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(given.replace(/\s/g, '')), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const base64OfText = (text: string): string => {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

export interface ScriptRefusal {
  readonly reason: string;
  readonly detail?: JsonObject;
}

/** Reads the body of a PUT or a create (spec: journeys-rest §6.1, §6.5), or says why it cannot be taken. */
export const parseScript = (body: unknown): ScriptInput | ScriptRefusal => {
  if (!isJsonObject(body)) return { reason: 'The body must be a JSON object.' };
  const { name, script, description = '', context = 'AUTHENTICATION_TREE_DECISION_NODE' } = body;
  if (typeof name !== 'string' || name.trim() === '' || name.length > 256) {
    return { reason: 'name must have 1 to 256 characters.' };
  }
  if (typeof script !== 'string') return { reason: 'script must be the text of the script in base64.' };
  const source = textOfBase64(script);
  if (source === undefined) return { reason: 'script is not UTF-8 text in base64.' };
  if (new TextEncoder().encode(source).length > MAX_SCRIPT_BYTES) {
    return { reason: `The script is larger than ${MAX_SCRIPT_BYTES} bytes.` };
  }
  const language = body.language ?? SCRIPT_LANGUAGE;
  if (typeof language !== 'string' || !WORD.test(language)) return { reason: 'language is not valid.' };
  if (description !== null && typeof description !== 'string') return { reason: 'description must be text.' };
  if (typeof context !== 'string' || !WORD.test(context)) return { reason: 'context is not valid.' };
  const evaluatorVersion = EVALUATOR_VERSIONS.get(
    body.evaluatorVersion ?? (context.endsWith('_NEXT_GEN') ? '2.0' : '1.0'),
  );
  if (evaluatorVersion === undefined) return { reason: 'evaluatorVersion must be 1.0 or 2.0.' };
  const kept = {
    ...Object.fromEntries(
      Object.entries(body).filter(([member]) => !member.startsWith('_') && !SCRIPT_MEMBERS.has(member)),
    ),
    // The engine has two names, and clients compare what they have imported with what comes back.
    ...(typeof body.evaluatorVersion === 'string' &&
      body.evaluatorVersion !== evaluatorVersion && { evaluatorVersion: body.evaluatorVersion }),
  };
  return {
    name,
    description: description ?? '',
    source,
    context,
    evaluatorVersion,
    language,
    default: body.default === true,
    ...(Object.keys(kept).length > 0 && { kept }),
  };
};

/** A script as AM's REST spells it. */
export const formatScript = (script: ScriptDocument, rev: string): JsonObject => ({
  _id: script.id,
  _rev: rev,
  name: script.name,
  description: script.description,
  script: base64OfText(script.source),
  default: script.default,
  language: script.language,
  context: script.context,
  evaluatorVersion: script.evaluatorVersion,
  createdBy: script.createdBy,
  creationDate: script.creationDate,
  lastModifiedBy: script.lastModifiedBy,
  lastModifiedDate: script.lastModifiedDate,
  ...script.kept,
});
