import type { ComponentChild } from 'preact';

/** A text of a catalogue with its values set apart: a name in another script does not turn the sentence around it. */
export const Filled = ({
  text,
  values,
}: {
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
}) => (
  <>
    {text.split(/\{(\w+)\}/).map((part, index): ComponentChild => {
      if (index % 2 === 0) return part;
      const value = Object.hasOwn(values, part) ? values[part] : undefined;
      return value === undefined ? `{${part}}` : <bdi key={part}>{value}</bdi>;
    })}
  </>
);
