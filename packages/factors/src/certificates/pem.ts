/**
 * The blocks of those labels in a text, with their boundaries (RFC 7468 §3) and in their order; what stands between them is left out. Of one that
 * does not end before the next begins its beginning alone is left, so that whoever reads it sees that it is broken. A text is looked through
 * once, however many blocks begin in it.
 */
export const pemBlocks = (text: string, ...labels: readonly string[]): readonly string[] =>
  text.split(new RegExp(`(?=-----BEGIN (?:${labels.join('|')})-----)`)).flatMap((part) => {
    const label = labels.find((it) => part.startsWith(beginOf(it)));
    if (label === undefined) return [];
    const end = `-----END ${label}-----`;
    const at = part.indexOf(end);
    return [at < 0 ? beginOf(label) : part.slice(0, at + end.length)];
  });

const beginOf = (label: string): string => `-----BEGIN ${label}-----`;
