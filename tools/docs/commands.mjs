import { code, NOTE, table } from './markdown.mjs';

const INTRODUCTION = `What \`assent --help\` and the help of each command say, on one page. Installed into a folder the command is \`npx assent\`; with the unit of
[one machine in production](../guides/production.md) it is \`assent-admin\`, and in a container \`assent\`.

An option that takes one value and is given twice is refused. Where a command has _options of the database_, they and their variables say which one is
meant, as for the server: \`--data-dir\`, \`--database-url\`, \`--database-password-file\` and \`--config\`, from [the settings](settings.md). Such a command needs
no server, and one may run.

## Exit codes

| Exit code | It means |
|---|---|
| 0 | done, or yes |
| 1 | the answer is no, or it could not be done |
| 2 | wrong usage, or settings that are refused: nothing was begun |
| 3 | nobody answers there; of \`upgrade-check\`, that servers cannot be replaced one after the other |

With \`--json\` each line of standard output is one object, and a refusal is \`{"error":{"code","message","hint"}}\` on standard error.`;

const OF_DATABASE = ['--data-dir', '--database-url', '--database-password-file', '--config'];

const nameOf = (command) => (command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`);
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`;

/** Those that do something; what others are parts of has nothing to say of its own. */
const leavesOf = (command) =>
  command.commands.length === 0 ? [command] : command.commands.flatMap((below) => leavesOf(below));

/** The phone keeps its file in the home of whoever has it. */
const inAnyHome = (text) => text.replace(/\(default: \S+(\/assent\/phone\.json)\)/, '(default: ~/.config$1)');

const saidOf = ({ description, argChoices, defaultValue }) =>
  [
    inAnyHome(sentence(description)),
    argChoices && `One of ${argChoices.map(code).join(', ')}.`,
    typeof defaultValue === 'string' && `Usual is ${code(defaultValue)}.`,
  ]
    .filter(Boolean)
    .join(' ');

/** Its own options, and those of the command above that hold for it. */
const optionsOf = (command) => [
  ...command.options,
  ...(command.parent === null || command.parent.parent === null ? [] : command.parent.options),
];

/** Flags that are told of together, and in what words. */
const toldTogether = (command, flagsOfSettings) => {
  const flags = optionsOf(command).map(({ long }) => long);
  if (flagsOfSettings.every((flag) => flags.includes(flag)))
    return { flags: flagsOfSettings, words: 'All flags of [the settings](settings.md).' };
  return OF_DATABASE.every((flag) => flags.includes(flag))
    ? { flags: OF_DATABASE, words: 'Options of the database.' }
    : { flags: [], words: undefined };
};

const section = (command, flagsOfSettings) => {
  const together = toldTogether(command, flagsOfSettings);
  const own = optionsOf(command).filter(({ long }) => !together.flags.includes(long));
  const rows = [
    ...command.registeredArguments.map((argument) => [code(argument.name()), sentence(argument.description)]),
    ...own.map((option) => [code(option.flags), saidOf(option)]),
  ];
  const parts = [
    `## ${nameOf(command)}`,
    sentence(command.description()),
    code(`${nameOf(command)} ${command.usage()}`),
    together.words,
    table(['Argument or option', 'What it says'], rows),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
};

/** The page of all commands, made of what their help is made of. */
export const commandsPage = (program, settings) => {
  const flagsOfSettings = Object.values(settings).flatMap(({ flag }) => flag ?? []);
  const sections = leavesOf(program).map((command) => section(command, flagsOfSettings));
  return `${NOTE}# Commands\n\n${INTRODUCTION}\n\n${sections.join('\n\n')}\n`;
};
