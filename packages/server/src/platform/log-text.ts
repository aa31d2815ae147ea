const CONTROL = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * JSON has escaped line ends and the escapes of terminals; the controls that are left turn the text around that stands beside them, or end
 * a line for some readers (SEC-79).
 */
export const withoutControls = (json: string): string =>
  json.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Of a text or not, without anything that a terminal would obey. */
const shown = (value: unknown): string => {
  const json = withoutControls(JSON.stringify(value) ?? '');
  return typeof value === 'string' && /^"[^\s"\\]+"$/.test(json) ? json.slice(1, -1) : json;
};

/** A line of the log as people read it: when, how much it matters, what, and then the rest by name. */
export const lineForPeople = (json: string): string => {
  const { time, level, msg, instance, stack, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const words = Object.entries(rest).map(([name, value]) => ` ${name}=${shown(value)}`);
  const said = withoutControls(JSON.stringify(String(msg ?? '')))
    .slice(1, -1)
    .replaceAll('\\"', '"');
  const frames =
    typeof stack === 'string' ? stack.split('\n').map((frame) => `\n    ${shown(frame).replace(/^"|"$/g, '')}`) : [];
  return `${String(time)} ${String(level).toUpperCase().padEnd(5)} ${said}${words.join('')}${frames.join('')}\n`;
};
