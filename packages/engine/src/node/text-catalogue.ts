import { selectLocale } from '../model/localized.ts';
import type { NodeDefinition } from './node-definition.ts';

/** Translated texts by locale and then by `<node type>.<text id>`; what is missing is the node's own English. */
export class TextCatalogue {
  readonly #byLocale: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly #locales: readonly string[];
  readonly #chosen = new WeakMap<readonly string[], string>();

  constructor(byLocale: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map()) {
    this.#byLocale = byLocale;
    this.#locales = [...new Set([...byLocale.keys(), 'en'])];
  }

  text(definition: NodeDefinition, id: string, preferred: readonly string[]): string {
    return this.#byLocale.get(this.#locale(preferred))?.[`${definition.type}.${id}`] ?? definition.texts[id] ?? id;
  }

  /** Chosen once for each list of locales; a list never changes. */
  #locale(preferred: readonly string[]): string {
    let locale = this.#chosen.get(preferred);
    if (locale === undefined) {
      locale = selectLocale(this.#locales, preferred) ?? 'en';
      this.#chosen.set(preferred, locale);
    }
    return locale;
  }
}
