import { parseArgs } from 'node:util';

/** Writes a line for a person; what a program reads goes to the standard output. */
export const say = (text) => process.stderr.write(`${text}\n`);

/** The options of a command, and `refuse`, which says why they cannot be used, with the usage, and ends the command with 2. */
export const optionsOf = (usage, options) => {
  const refuse = (text) => {
    say(`${text}\n${usage}`);
    process.exit(2);
  };
  try {
    return { given: parseArgs({ options }).values, refuse };
  } catch (error) {
    return refuse(error.message);
  }
};
