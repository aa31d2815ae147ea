import { NodeFailure } from './errors.ts';

/** How many characters texts may have that belong together, with the values in their places: a place may be named often, and a value be long. */
export const MAX_FILLED = 262_144;

/** With its values a text is longer than it may be. In a node it is a failure of that node. */
export class TextTooLong extends NodeFailure {
  constructor(most: number) {
    super(`With the values in their places the text has more than ${most} characters.`);
  }
}

/** Puts values into the places of a template: `place` is global, and `valueAt` gets each match. A value is that alone, whatever is in it. */
export type TextFiller = (template: string, place: RegExp, valueAt: (match: RegExpExecArray) => string) => string;

/**
 * Fills texts that belong together, such as subject and message of a mail. It counts before it builds, so that no author of a text can make the
 * server build gigabytes (SEC-94).
 *
 * @throws TextTooLong
 */
export const textFiller = (most = MAX_FILLED): TextFiller => {
  let size = 0;
  return (template, place, valueAt) => {
    const parts: string[] = [];
    const add = (part: string): void => {
      size += part.length;
      if (size > most) throw new TextTooLong(most);
      parts.push(part);
    };
    let at = 0;
    for (const match of template.matchAll(place)) {
      add(template.slice(at, match.index));
      add(valueAt(match));
      at = match.index + match[0].length;
    }
    add(template.slice(at));
    return parts.join('');
  };
};
