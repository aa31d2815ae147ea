import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** How many sources a folder may hold beside their tests, and how long a source may be. */
export const MAX_SOURCES = 24;
export const MAX_CATALOGUE_SOURCES = 40;
export const MAX_LINES = 400;

const SOURCE = /\.(ts|tsx|js|mjs)$/;
const NOT_A_SOURCE = /\.(test|test-d|property)\.|\.d\.ts$/;
const isSource = (name) => SOURCE.test(name) && !NOT_A_SOURCE.test(name);

/**
 * The rooms of a package, as its `rooms.json` names them from the ground floor up: `folder` to what happens there. A room
 * knows those before it, and none after it. `catalogues` are folders of like files, one for each thing of a kind.
 */
export const roomsOf = (root, name) => {
  const file = join(root, 'packages', name, 'rooms.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** One rule for each room: no arrow from it to a room that stands above it. Tests and doubles may look anywhere. */
export const arrowRules = (root, names) =>
  names.flatMap((name) => {
    const rooms = Object.keys(roomsOf(root, name)?.rooms ?? {});
    const pathOf = (room) => `^packages/${name}/src/${escaped(room)}/`;
    const isInside = (room, others) => others.some((other) => room.startsWith(`${other}/`));
    return rooms.slice(0, -1).map((room, floor) => ({
      name: `${name}-${room.replaceAll('/', '-')}-knows-no-room-above`,
      severity: 'error',
      from: {
        path: pathOf(room),
        // A room inside another, as `mfa/push` in `mfa`, is a room of its own.
        pathNot: ['\\.test(-d)?\\.tsx?$', '/testing/', ...rooms.filter((other) => isInside(other, [room])).map(pathOf)],
      },
      to: {
        path: rooms.slice(floor + 1).map(pathOf),
        pathNot: rooms.filter((other, at) => at <= floor && isInside(other, rooms.slice(floor + 1))).map(pathOf),
      },
    }));
  });

/** Folders with too many sources, sources that are too long, and sources that stand in no room. */
export const crowdedRooms = (root, names) => {
  const problems = [];
  for (const name of names) {
    const plan = roomsOf(root, name);
    if (plan === undefined) {
      problems.push(`packages/${name} has no rooms.json.`);
      continue;
    }
    const src = join(root, 'packages', name, 'src');
    const catalogues = plan.catalogues ?? [];
    for (const folder of foldersIn(src)) {
      const sources = readdirSync(folder).filter(isSource);
      const path = relative(src, folder).split(sep).join('/');
      const limit = catalogues.includes(path) ? MAX_CATALOGUE_SOURCES : MAX_SOURCES;
      const shown = relative(root, folder).split(sep).join('/');
      if (sources.length > limit) problems.push(`${shown} has ${sources.length} sources; ${limit} are the most.`);
      for (const source of sources) {
        const lines = readFileSync(join(folder, source), 'utf8').split('\n').length - 1;
        if (lines > MAX_LINES) problems.push(`${shown}/${source} has ${lines} lines; ${MAX_LINES} are the most.`);
      }
      const isRoom =
        path === '' || Object.keys(plan.rooms).some((room) => path === room || path.startsWith(`${room}/`));
      if (!isRoom && sources.length > 0) problems.push(`${shown} is no room of its rooms.json.`);
    }
    for (const room of Object.keys(plan.rooms)) {
      if (!existsSync(join(src, room))) problems.push(`packages/${name}/rooms.json names ${room}, which is not there.`);
    }
  }
  return problems;
};

const foldersIn = (folder) => [
  folder,
  ...readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersIn(join(folder, entry.name))),
];
