/** A number for the eye: groups of three, two and two for four digits, none below four. @see ux.md §2.5 */
export const groupedNumber = (digits: string): readonly string[] => {
  if (digits.length < 4) return [digits];
  return digits.match(digits.length === 4 ? /.{2}/g : /.{1,3}/g) ?? [digits];
};

/** The same number for the ear: digit by digit. */
export const spokenNumber = (digits: string): string => [...digits].join(', ');
