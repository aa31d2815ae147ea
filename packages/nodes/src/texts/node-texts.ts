import { ar } from './ar.ts';
import { de } from './de.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { ja } from './ja.ts';
import { withPasswordTexts } from './password-texts.ts';

/** Texts of the nodes in one language, by `<node type>.<text id>`. English stands in the nodes themselves. */
export type NodeTexts = Readonly<Record<string, string>>;

/** Every language that the nodes speak beside English, by tag. */
export const nodeTexts: ReadonlyMap<string, NodeTexts> = new Map(
  Object.entries({ ar, de, es, fr, ja }).map(([tag, texts]) => [tag, withPasswordTexts(tag, texts)]),
);
