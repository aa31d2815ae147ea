import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace.mjs';
import {
  chanceOf,
  DAY,
  METHODS,
  requestsOfKnownAddresses,
  requestsOfStolenBrowsers,
  requestsWithin,
  WEEK,
} from './fatigue-model.mjs';
import { table } from './markdown.mjs';

export const FATIGUE_PAGE = 'docs/fatigue.md';

/** How often owners answer without looking: one request in so many hundred. */
const CARELESS = [0.01, 0.05];

const percent = (chance) => {
  if (chance >= 0.001) return `${(100 * chance).toFixed(1)} %`;
  return `1 in ${new Intl.NumberFormat('en').format(Number((1 / chance).toPrecision(2)))}`;
};

const requestsTable = () =>
  table(
    ['Whose owner', 'in a day', 'in a week'],
    ['ignores', 'denies', 'reports'].map((owner) => [
      { ignores: 'ignores all', denies: 'denies each', reports: 'says each time that it was somebody else' }[owner],
      requestsWithin(DAY, owner),
      requestsWithin(WEEK, owner),
    ]),
  );

const chancesTable = () =>
  table(
    [
      'Answered without looking',
      'How the phone answers',
      'one request',
      'a day, ignored',
      'a week, ignored',
      'a day, denied',
      'a week, denied',
    ],
    CARELESS.flatMap((careless) =>
      METHODS.map(({ name, guess }) => [
        `${100 * careless} %`,
        name,
        percent(careless * guess),
        ...['ignores', 'denies'].flatMap((owner) =>
          [DAY, WEEK].map((period) => percent(chanceOf({ careless, guess, requests: requestsWithin(period, owner) }))),
        ),
      ]),
    ),
  );

const partsTable = () =>
  table(
    ['What the attacker has', 'requests in a day, ignored'],
    [
      ['the password, one address, one browser', requestsWithin(DAY, 'ignores')],
      ['the password, 1,000 addresses, any number of browsers', requestsWithin(DAY, 'ignores')],
      ...[1, 3, 10].map((browsers) => [
        `the password, and the stolen cookies of ${browsers} known browser${browsers > 1 ? 's' : ''}`,
        requestsWithin(DAY, 'ignores') + requestsOfStolenBrowsers(browsers),
      ]),
      ...[1, 3].map((addresses) => [
        `the password, and a place at ${addresses} known address${addresses > 1 ? 'es' : ''} of the owner`,
        requestsWithin(DAY, 'ignores') + requestsOfKnownAddresses(addresses),
      ]),
    ],
  );

const TABLES = { requests: requestsTable, parts: partsTable, chances: chancesTable };

/** The page with its tables made anew; what is around them is written by hand. */
export const fatiguePage = () =>
  Object.entries(TABLES).reduce(
    (text, [name, made]) => {
      const [begin, end] = [`<!-- ${name}: made by npm run docs -->\n\n`, `\n\n<!-- end of ${name} -->`];
      const [before, rest = ''] = text.split(begin);
      const [, after] = rest.split(end);
      if (after === undefined) throw new RangeError(`${FATIGUE_PAGE} has no place for the table of ${name}.`);
      return `${before}${begin}${made()}${end}${after}`;
    },
    readFileSync(join(ROOT, FATIGUE_PAGE), 'utf8'),
  );
