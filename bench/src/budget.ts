import { type BudgetRow, parseBudget } from './budget-table.ts';

/**
 * The rows of the performance budget that this suite measures. No password is hashed, as the budget leaves hashing out. A due
 * poll is a row of ours: it runs three nodes and stores nothing, so it must not cost what a stored step may (the aim of P3), and
 * should cost what a poll may (the gate of P5). P6 and P7 are held to a floor that is measured beside them (docs/adr/0034). The rows
 * in memory have the limits of those of SQLite, whose statements they run (docs/adr/0142). P17 to P19 are of passkeys: their aims are what was
 * written before there were any (spec: webauthn §11), their gates what they cost. O1 to O8 are what applications ask (spec: oidc §5.4).
 */
const BUDGET = `
P1          | one journey step, in memory                         | 11 E       | 8 E
P3          | one journey step, SQLite                            | 11 E       | 8 E
P4          | one journey step, PostgreSQL                        | 12 E       | 9 E
P5          | poll with nothing new                               | 3.5 E      | 2.3 E
P5 postgres | poll with nothing new, PostgreSQL                   | 7 E        | 5 E
P5 due      | poll whose wait is over, Wait to Verifier to Wait   | 8 E        | 3.5 E
P6 memory   | whole push login, in memory                         | 2.5 floors | 1.5 floors
P6 sqlite   | whole push login, SQLite                            | 2.5 floors | 1.5 floors
P6 postgres | whole push login, PostgreSQL                        | 4 drivers  | 3 drivers
P6 database | CPU time of PostgreSQL for a push login             | 2.2 ms     | 1.5 ms
P6 two      | the same at two, by two that share nothing          | 1.18 apart | 1.05 apart
P7          | registration of a phone, six requests               | 2.5 floors | 1.5 floors
P8 memory   | what a session is, in memory                        | 6 E        | 4.5 E
P8 sqlite   | what a session is, SQLite                           | 6 E        | 4.5 E
P8 postgres | what a session is, PostgreSQL                       | 8 E        | 6 E
P10 sqlite  | growth of RSS for 100,000 waiting, polling journeys | 60 MB      | 30 MB
P12         | commits of one push login                           | 4 writes   | 3 writes
P13 first   | authId of a first step                              | 0.5 KiB    | 0.3 KiB
P13 typical | authId of a waiting push login                      | 2 KiB      | 1.2 KiB
P13 largest | authId with the longest parameters                  | 8 KiB      | 8 KiB
P15         | cold start to listening                             | 1.5 s      | 0.5 s
P16 redis   | answered here, heard there, by Redis, p99           | 50 ms      | 10 ms
P16 looking | answered here, heard there, by looking, p99         | 400 ms     | 300 ms
P17 memory  | start of a sign-in by passkey, in memory            | 10.5 E     | 2 E
P17 sqlite  | start of a sign-in by passkey, SQLite               | 10.5 E     | 2 E
P17 writes  | commits of such a start                             | 0 writes   | 0 writes
P18 memory  | its answer, without the library, in memory          | 68 E       | 8 E
P18 sqlite  | its answer, without the library, SQLite             | 68 E       | 8 E
P18 writes  | commits of a sign-in by passkey                     | 1 writes   | 1 writes
P18 reads   | reads of a sign-in by passkey                       | 4 reads    | 1 reads
P19         | RSS that the first passkeys take                    | 40 MB      | 28 MB
O1 memory   | authorize with a session, in memory                 | 11 E       | 8 E
O1 sqlite   | authorize with a session, SQLite                    | 11 E       | 8 E
O2 memory   | code to tokens, in memory                           | 14 E       | 10 E
O2 sqlite   | code to tokens, SQLite                              | 14 E       | 10 E
O3 memory   | refresh, in memory                                  | 14 E       | 10 E
O3 sqlite   | refresh, SQLite                                     | 14 E       | 10 E
O4 memory   | userinfo, in memory                                 | 7 E        | 5 E
O4 sqlite   | userinfo, SQLite                                    | 7 E        | 5 E
O5 memory   | introspection, in memory                            | 7 E        | 5 E
O5 sqlite   | introspection, SQLite                               | 7 E        | 5 E
O6          | a forged token                                      | 2.5 E      | 1.5 E
O7          | login of an application, by one over oidc-provider  | 0.33 theirs | 0.2 theirs
O8 login    | commits of a login of an application                | 2 writes   | 2 writes
O8 refresh  | commits of a refresh                                | 1 writes   | 1 writes
O8 check    | commits of a look at a token                        | 0 writes   | 0 writes
O8 proven   | commits of a look at a token by a proven client     | 1 writes   | 0 writes
O8 forged   | reads for a forged token                            | 0 reads    | 0 reads
A6          | login page, first contentful paint                  | 150 ms     | 100 ms
A8          | Approve pressed to signed in, p99                   | 250 ms     | 150 ms
script 1.0  | a script of the legacy engine, median               | 1 ms       | 0.5 ms
script 2.0  | a script of the next-generation engine, median      | 1 ms       | 0.5 ms
`;

const rows = parseBudget(BUDGET);

export const budgetOf = (id: string): BudgetRow => {
  const row = rows.get(id);
  if (row === undefined) throw new RangeError(`There is no budget for ${id}.`);
  return row;
};

export type Verdict = 'aim' | 'gate' | 'OVER';

/** Which of the limits a value keeps. */
export const judge = ({ gate, aim }: Pick<BudgetRow, 'gate' | 'aim'>, value: number): Verdict => {
  if (value <= aim.amount) return 'aim';
  // Written so that a value which is no number keeps no limit.
  return value <= gate.amount ? 'gate' : 'OVER';
};
