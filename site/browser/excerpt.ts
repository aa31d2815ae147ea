const BEFORE = 40;
const LENGTH = 160;

const escapedPattern = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The words of a text around the first of those that were found, which are marked. */
export const excerpt = (text: string, words: readonly string[]): readonly Node[] => {
  if (words.length === 0) return [document.createTextNode(text.slice(0, LENGTH))];
  const longestFirst = [...words].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map(escapedPattern).join('|'), 'giu');
  // By `search`, which leaves the pattern at its beginning: `exec` would have the marks begin behind what it found.
  const first = Math.max(text.search(pattern), 0);
  // From the beginning of a word on.
  const from = first <= BEFORE ? 0 : text.lastIndexOf(' ', first - BEFORE) + 1;
  const shown = text.slice(from, from + LENGTH);
  const nodes: Node[] = from > 0 ? [document.createTextNode('… ')] : [];
  let at = 0;
  for (const { 0: word, index } of shown.matchAll(pattern)) {
    const mark = document.createElement('mark');
    mark.textContent = word;
    nodes.push(document.createTextNode(shown.slice(at, index)), mark);
    at = index + word.length;
  }
  nodes.push(document.createTextNode(shown.slice(at) + (from + LENGTH < text.length ? ' …' : '')));
  return nodes;
};
