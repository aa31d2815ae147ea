import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowed } from '../../.dependency-cruiser.mjs';
import { roomsOf } from '../checks/rooms.mjs';
import { ROOT } from '../workspace.mjs';
import { code, table } from './markdown.mjs';

const packages = Object.keys(allowed);

const packagesPicture = () =>
  [
    '```mermaid',
    'flowchart TD',
    ...packages.map((name) => `  ${name}`),
    ...packages.flatMap((name) => allowed[name].map((other) => `  ${name} --> ${other}`)),
    '```',
  ].join('\n');

const descriptionOf = (name) =>
  JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')).description;

const roomsTables = () =>
  packages
    .map((name) => {
      const rooms = Object.entries(roomsOf(ROOT, name)?.rooms ?? {});
      return `### ${name}\n\n${descriptionOf(name)}\n\n${table(
        ['Room', 'What happens there'],
        rooms.map(([room, what]) => [code(room), what]),
      )}`.trimEnd();
    })
    .join('\n\n');

/** A push login, as it goes from room to room: who calls, which room takes it, and what happens there. */
const LOGIN = [
  ['browser', 'server/pages', 'the page comes with its first step in the HTML'],
  ['browser', 'web/login/journey', 'name and password are typed, and sent with the step'],
  ['web', 'server/http', 'address, realm, origin and body are checked'],
  ['server', 'server/routes/authenticate', 'the authId is verified, and the journey goes on'],
  ['server', 'wire/login', 'the answers are read from the callbacks'],
  ['server', 'engine/journey', 'load, check, execute, decide, commit, answer'],
  ['engine', 'engine/execution', 'the tree is walked, node by node'],
  ['engine', 'nodes/basic', 'the password is checked'],
  ['engine', 'nodes/mfa', 'the phone is to be asked'],
  ['nodes', 'push/requests', 'the request is stated, signed and staged'],
  ['engine', 'engine/unit-of-work', 'all that was staged becomes one commit'],
  ['engine', 'store/sqlite', 'the commit stands, or is refused and tried again'],
  ['server', 'push/delivery', 'the message goes to the phone'],
  ['push', 'web/phone/worker', 'the phone rings'],
  ['browser', 'web/phone/model', 'the number is typed, and the answer signed'],
  ['web', 'server/routes/push', 'the answer comes in'],
  ['server', 'push/phone-endpoint', 'it is verified, and counts once'],
  ['web', 'server/routes/authenticate', 'the page asks again, and the journey ends'],
  ['server', 'server/authentication', 'the session becomes a cookie'],
];

const loginPicture = () => {
  for (const [, room] of LOGIN) {
    if (!existsSync(join(ROOT, 'packages', room.replace('/', '/src/'))))
      throw new RangeError(`There is no room ${room}.`);
  }
  const participants = ['browser', ...new Set(LOGIN.map(([, room]) => room.split('/', 1)[0]))];
  return [
    '```mermaid',
    'sequenceDiagram',
    '  autonumber',
    ...participants.map((name) => `  participant ${name}`),
    ...LOGIN.map(([from, room, what]) => {
      const [to, ...inside] = room.split('/');
      return `  ${from}->>${to}: ${inside.join('/')}: ${what}`;
    }),
    '```',
  ].join('\n');
};

const packagesTable = () =>
  table(
    ['Package', 'What it is'],
    packages.map((name) => [`[${code(name)}](../packages/${name}/README.md)`, descriptionOf(name)]),
  );

const BLOCKS = {
  packages: () => `${packagesPicture()}\n\n${packagesTable()}`,
  login: loginPicture,
  rooms: roomsTables,
};

/** The page as it stands, with what is generated in it written anew. */
export const architecturePage = () =>
  readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').replace(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start, name, end) => `${start}\n${BLOCKS[name]()}\n\n${end}`,
  );
