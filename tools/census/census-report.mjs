import { nodeCatalogue } from '@assent/nodes';
import { ALL_JOURNEYS, GROUPS, RANKED, SEEN_ONCE, STEPS } from './census-data.mjs';

const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);

/** How much of the census a set of node types covers. */
export const census = (types = nodeCatalogue) => {
  const groups = Object.keys(GROUPS).map((group) => {
    const rows = RANKED.filter(({ needs }) => needs === group);
    const missing = rows.filter(({ type }) => !types.has(type));
    return { group, total: rows.length, covered: rows.length - missing.length, missing };
  });
  let before = 0;
  const steps = STEPS.map(({ journeys }, at) => {
    const upTo = STEPS.slice(0, at + 1).flatMap((step) => step.groups);
    const missing = groups.filter(({ group }) => upTo.includes(group)).flatMap((group) => group.missing);
    // A journey may lack several of them, so what is taken away is the most that can be.
    before = Math.max(before, journeys - sum(missing, 'journeys'));
    return { groups: upTo, journeys, missing, atLeast: before };
  });
  const seenOnce = SEEN_ONCE.filter((type) => types.has(type));
  return {
    groups,
    steps,
    seenOnce,
    covered: sum(groups, 'covered'),
    total: RANKED.length,
    nodes: sum(
      RANKED.filter(({ type }) => types.has(type)),
      'nodes',
    ),
    allNodes: sum(RANKED, 'nodes'),
  };
};

const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
const code = (type) => `\`${type}\``;

/** The page of the reference. */
export const censusPage = (result = census()) =>
  [
    '# What published journeys need',
    `A census of ${ALL_JOURNEYS} distinct journeys that others have published, against the nodes of this server. A journey with a type that we lack is imported and exported whole; it runs until it gets there.`,
    `Of ${result.total} ranked node types we have ${result.covered}; they are ${result.nodes} of the ${result.allNodes} nodes counted.`,
    '## By what the nodes need',
    table(
      ['Needs', 'That is', 'Node types', 'Missing'],
      result.groups.map(({ group, covered, total, missing }) => [
        group,
        GROUPS[group],
        `${covered} of ${total}`,
        missing.length === 0 ? 'none' : missing.map(({ type }) => code(type)).join(', '),
      ]),
    ),
    '## Journeys that need no other node',
    table(
      ['With the nodes that need', 'Journeys', 'Here'],
      result.steps.map(({ groups, journeys, missing, atLeast }) => [
        groups.join(', '),
        journeys,
        missing.length === 0 ? 'all' : `at least ${atLeast}`,
      ]),
    ),
    '## Seen in one journey each',
    table(
      ['Node type', 'Here'],
      SEEN_ONCE.map((type) => [code(type), result.seenOnce.includes(type) ? 'yes' : 'no']),
    ),
    '## Every ranked type',
    table(
      ['Node type', 'Journeys', 'Nodes', 'Repositories', 'Needs', 'Here'],
      RANKED.map(({ type, journeys, nodes, repositories, needs }) => [
        code(type),
        journeys,
        nodes,
        repositories,
        needs,
        result.groups.some(({ missing }) => missing.some((row) => row.type === type)) ? 'no' : 'yes',
      ]),
    ),
  ].join('\n\n');
