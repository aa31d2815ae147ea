import { type Claims, parseJsonObject } from '@assent/push/protocol';

/** Parses JSON text that must be an object; undefined where it is none, or says a name twice. */
export function jsonObject(text: string): Claims | undefined {
  const object = parseJsonObject(text);
  return object.ok ? object.value : undefined;
}
