import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalLocale, type NodeDefinition } from '@assent/engine';
import { TextCatalogue } from '@assent/engine/host';
import { nodeTexts } from '@assent/nodes';

type Texts = Readonly<Record<string, string>>;

/** A file of an operator's own texts is wrong; the message names the file, the key and what is allowed. */
class CustomTextsRefused extends Error {
  override readonly name = 'CustomTextsRefused';
}

/**
 * The texts of the nodes in all languages, with an operator's own on top: `{dataDir}/texts/<locale>.json` holds a JSON object
 * of `<node type>.<text id>` and the text (design.md §3.3 "texts of an operator").
 */
export const textCatalogue = (directory: string, catalogue: ReadonlyMap<string, NodeDefinition>): TextCatalogue => {
  const own = readCustomTexts(directory, catalogue);
  const locales = new Set([...nodeTexts.keys(), ...own.keys()]);
  return new TextCatalogue(
    new Map([...locales].map((locale) => [locale, { ...nodeTexts.get(locale), ...own.get(locale) }])),
  );
};

const readCustomTexts = (
  directory: string,
  catalogue: ReadonlyMap<string, NodeDefinition>,
): ReadonlyMap<string, Texts> => {
  const known = new Set(
    [...catalogue.values()].flatMap(({ type, texts }) => Object.keys(texts).map((id) => `${type}.${id}`)),
  );
  return new Map(
    jsonFilesIn(directory).map((name) => {
      const file = join(directory, name);
      const locale = canonicalLocale(name.slice(0, -'.json'.length));
      if (locale === undefined)
        throw new CustomTextsRefused(`${file} is not named for a language, such as de.json or pt-BR.json.`);
      return [locale, checkedTexts(file, known)];
    }),
  );
};

const jsonFilesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CustomTextsRefused(`${directory} cannot be read.`, { cause: error });
  }
};

const checkedTexts = (file: string, known: ReadonlySet<string>): Texts => {
  let texts: unknown;
  try {
    texts = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CustomTextsRefused(`${file} is not valid JSON.`, { cause });
  }
  if (typeof texts !== 'object' || texts === null || Array.isArray(texts)) {
    throw new CustomTextsRefused(`${file} has to hold one object of texts by key.`);
  }
  for (const [key, text] of Object.entries(texts)) {
    if (!known.has(key)) {
      throw new CustomTextsRefused(
        `${file}: "${key.slice(0, 100)}" is no key of a text. Keys are <node type>.<text id>; the pages of the nodes list them.`,
      );
    }
    if (typeof text !== 'string' || text.trim() === '')
      throw new CustomTextsRefused(`${file}: "${key}" has to be a text, and not an empty one.`);
  }
  return texts as Texts;
};
