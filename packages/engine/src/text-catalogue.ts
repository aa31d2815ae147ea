import { selectLocale } from './localized.ts';
import type { NodeDefinition } from './node-definition.ts';

/** Translated texts by locale and then by `<node type>.<text id>`; what is missing is the node's own English. */
export class TextCatalogue {
  readonly #byLocale: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly #locales: readonly string[];

  constructor(byLocale: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map()) {
    this.#byLocale = byLocale;
    this.#locales = [...new Set([...byLocale.keys(), 'en'])];
  }

  text(definition: NodeDefinition, id: string, preferred: readonly string[]): string {
    const locale = selectLocale(this.#locales, preferred) ?? 'en';
    return this.#byLocale.get(locale)?.[`${definition.type}.${id}`] ?? definition.texts[id] ?? id;
  }
}
