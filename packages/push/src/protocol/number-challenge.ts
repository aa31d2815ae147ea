/** A source of unbiased random integers, handed in: `int(n)` is one of 0 … n − 1. */
export interface RandomIntegers {
  int(maxExclusive: number): number;
}

/** The number of one request, as shown in the browser and as each kind of phone answers it. */
export interface NumberChallenge {
  /** What the login page shows. */
  readonly text: string;
  /** What a phone that asks for the whole number answers. */
  readonly expected: number;
  /** How many digits that is. */
  readonly digits: number;
  /** For official apps: three numbers to choose from, and the one that is right: the end of `text`. */
  readonly tap?: { readonly choices: readonly number[]; readonly expected: number };
}

const MIN_CHOICE = 10;
const CHOICES = 90;

/** Generates one number for all phones of a request (design.md §3.3 "several devices"): what is typed ends in what is tapped. */
export function generateNumberChallenge({
  ownPhone,
  officialApp,
  digits,
  random,
}: {
  readonly ownPhone: boolean;
  readonly officialApp: boolean;
  readonly digits: number;
  readonly random: RandomIntegers;
}): NumberChallenge {
  if (!Number.isInteger(digits) || digits < 2 || digits > 8) throw new RangeError('a number to type has 2 to 8 digits');
  if (!officialApp) return challenge(withDigits(digits, random));

  const choices = generateChoices(random);
  const tapped = choices[random.int(choices.length)] ?? MIN_CHOICE;
  const leading = ownPhone && digits > 2 ? withDigits(digits - 2, random) : 0;
  return { tap: { choices, expected: tapped }, ...challenge(leading * 100 + tapped) };
}

const challenge = (expected: number): NumberChallenge => {
  const text = String(expected);
  return { text, expected, digits: text.length };
};

/** No leading zero: answers are compared as integers. */
const withDigits = (digits: number, random: RandomIntegers): number => {
  const smallest = 10 ** (digits - 1);
  return smallest + random.int(9 * smallest);
};

/** Three distinct numbers of two digits, each set equally likely: the n-th one skips what is taken. */
function generateChoices(random: RandomIntegers): number[] {
  const taken: number[] = [];
  for (let left = CHOICES; taken.length < 3; left -= 1) {
    let candidate = MIN_CHOICE + random.int(left);
    for (const earlier of taken) if (candidate >= earlier) candidate += 1;
    taken.push(candidate);
    taken.sort((a, b) => a - b);
  }
  return taken;
}
