/** The tools, each with the sentence that lists it; `commands/NAME.mjs` is the program. */
export const COMMANDS = {
  start: 'Installs and builds what is missing, then starts the server.',
  test: 'Runs everything that CI runs; with paths, only the tests there.',
  'test-slow': 'Runs the tests with a quarter of the processor time of this machine.',
  check: 'Runs the quick checks and the tests of the packages; with names, only those checks.',
  build: 'Builds what is missing or older than its sources.',
  docs: 'Writes the generated documentation.',
  site: 'Builds the documentation as a site and checks its links.',
  'new-node': 'Creates a node with its test, texts, catalogue entry and reference page.',

  bench: 'Measures the cost of a login and of other requests (up to 20 minutes).',
  millions: 'Measures lookups in a realm of a million users, or an audit log of a million rows (some minutes).',
  timing: 'Measures whether response times reveal users or passwords (10 minutes).',
  attack: 'Runs the attack corpus against started servers (some minutes).',
  faults: 'Kills, stops and disconnects servers under load and checks every answer (20 minutes).',
  interleavings: 'Runs phones, browsers and codes in 100,000 random orders (some minutes).',
  mutants: 'Removes one security check at a time and runs the test that must fail.',
  'killed-copy': 'Kills `assent store copy` until it is done and compares both databases (some minutes).',
  'rolling-upgrade': 'Replaces instances of an older commit under load.',
  'conformance-suite': "Compares our list of the OpenID suite's modules with its source.",
  'conformance-vendor': 'Runs the end-to-end specs of the JavaScript SDKs, unmodified.',
  screenshots: 'Takes a picture of every screen.',

  pack: 'Makes the package that is published.',
  image: 'Lays out the build context of the container image.',
  'check-package': 'Installs the package on Node 20, 22 and 24 and signs in with it.',
  'check-image': 'Builds the container image and starts it.',
  'check-deploy': 'Checks the files in `deploy/`.',
  version: 'Gives all packages their next version and writes its changelog section.',
  release: 'Makes the files of a release; requires `--dry-run`.',
};

/** The list that is printed without a name, one line for each tool. */
export const listed = () => {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, does]) => `  ${name.padEnd(width)}  ${does}`);
  return ['npm run tools -- NAME [OPTIONS]', '', ...lines].join('\n');
};
