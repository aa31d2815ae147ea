import { isDeepStrictEqual } from 'node:util';
import { SHAPES } from './imports-data.mjs';

/** What has to come back: all that was given, but for the server's own members, and in the form that the server reads it in. */
const expected = ({ body, reads = {} }) =>
  Object.fromEntries(Object.entries({ ...body, ...reads }).filter(([name]) => !name.startsWith('_')));

/** A member that is null may be left out: AM writes null for what is not set. */
const holds = (given, value) =>
  given === null ||
  (typeof given === 'object' && !Array.isArray(given)
    ? typeof value === 'object' && value !== null && Object.keys(given).every((name) => holds(given[name], value[name]))
    : isDeepStrictEqual(given, value));

/** Puts every shape to a server, by `call(method, path, body)`, and says what became of it. */
export const walkShapes = async (call, shapes = SHAPES) => {
  const walked = [];
  for (const shape of shapes) {
    if (shape.before !== undefined) await call('PUT', shape.before.path, shape.before.body);
    const { status, body } = await call('PUT', shape.path, shape.body);
    const read = status < 300 ? (await call('GET', shape.path)).body : {};
    const lost = Object.entries(expected(shape)).flatMap(([name, given]) => (holds(given, read[name]) ? [] : [name]));
    walked.push({ shape, ...(status < 300 ? { lost } : { refused: `${status} ${body.message}`, lost: [] }) });
  }
  return walked;
};

/** The page of the reference. */
export const importsPage = () =>
  [
    '# What imports bring, and what becomes of it',
    'Exports come from many versions of AM and from its cloud service. Everything below comes in, and goes out as it came. What is kept has no effect here, and a warning in the log names it; what fails does so in the journey that reaches it, and `assent journey check` finds it before. A test of each build walks the list against a server.',
    [
      '| An export has | Here it |',
      '|---|---|',
      ...SHAPES.map(({ what, becomes }) => `| ${what} | ${becomes === 'acts' ? 'acts' : `is ${becomes}`} |`),
    ].join('\n'),
  ].join('\n\n');
