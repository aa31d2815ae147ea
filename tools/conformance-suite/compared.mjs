const wayOf = ({ file, test, reason }) => (reason === undefined ? `${file}: ${test}` : `not: ${reason}`);

/** Whether a row says where a module is covered, or why it is not, and not both. */
const isWhole = ({ file, test, reason }) =>
  reason === undefined ? Boolean(file && test) : reason !== '' && !file && !test;

/** What our table says of each module of the source, and what is wrong with it. */
export const compared = (plans, ofSource) => {
  const problems = plans.flatMap(({ plan, modules }) => {
    const names = ofSource[plan] ?? [];
    return [
      ...names
        .filter((name) => !(name in modules))
        .map((name) => `${plan}: ${name} is in the source, and not in our table.`),
      ...Object.keys(modules)
        .filter((name) => !names.includes(name))
        .map((name) => `${plan}: ${name} is in our table, and not in the source any more.`),
      ...Object.entries(modules)
        .filter(([, row]) => !isWhole(row))
        .map(([name]) => `${plan}: ${name} has neither a test nor a reason, or both.`),
    ];
  });
  const lines = plans.flatMap(({ plan, profile, modules }) => [
    `${profile} (${plan}), ${Object.keys(modules).length} modules`,
    ...Object.entries(modules).map(([name, row]) => `  ${name}\n    ${wayOf(row)}`),
  ]);
  return { lines, problems };
};
