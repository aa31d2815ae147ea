/** Puts values into a text of a catalogue: `{name}` is replaced, an unknown name stays as it is. */
export const fillText = (text: string, values: Readonly<Record<string, string | number>> = {}): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
