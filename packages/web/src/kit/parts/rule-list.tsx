/** A rule for what is typed, and whether it is kept; undefined where that is not known yet. */
export interface ShownRule {
  readonly text: string;
  readonly isKept: boolean | undefined;
}

/** The rules for a field, in words: whether one is kept is said too, and never by a colour alone. */
export const RuleList = ({
  id,
  rules,
  label,
  done,
  needed,
}: {
  readonly id: string;
  readonly rules: readonly ShownRule[];
  readonly label: string;
  readonly done: string;
  readonly needed: string;
}) => (
  <ul id={id} class="k-rules" aria-label={label}>
    {rules.map(({ text, isKept }) => (
      <li key={text}>
        {text} {isKept === undefined ? null : <b>{isKept ? done : needed}</b>}
      </li>
    ))}
  </ul>
);
