import { memoryLog } from '@assent/engine/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { type GivenToScript, runScript } from './testing/run-script.ts';

const sandbox = new Sandbox({ workers: 1, limits: { cpuMillis: 1_000 }, killMillis: 20_000 });
afterAll(() => sandbox.close());
const run = (source: string, given?: GivenToScript) => runScript(sandbox, source, given);
const next = (source: string, given?: GivenToScript) => runScript(sandbox, source, { ...given, engine: '2.0' });

describe('what goes wrong', () => {
  test.each([
    [`outcome = 'maybe'`, "Invalid outcome from script, 'maybe'"],
    [`var nothing = 1`, "Invalid outcome from script, 'null'"],
    [`action = 'true'`, "Invalid outcome from script, 'null'"],
    [
      `var a = 1;\nmissing();`,
      `The script "Test script" (engine 1.0) failed at line 2: ReferenceError: 'missing' is not defined`,
    ],
    [`var a = ;`, 'SyntaxError'],
    [`nodeState.get('username').asInteger()`, 'Expecting a java.lang.Number'],
    [`new org.example.Unknown()`, 'The Java class org.example.Unknown is not available'],
    [
      `var fr = JavaImporter(org.forgerock.openam.auth.node.api.Action); fr.Action.send([]).build(); action = fr.Action.send([]).build()`,
      'Invalid outcome',
    ],
  ])('legacy: %s', async (source, message) => {
    await expect(run(source, { state: { username: 'demo' } })).rejects.toThrow(message);
  });

  test('next generation: a call of the old engine names the line and the engine', async () => {
    const source = `var a = 1;\n\nidRepository.getAttribute('demo', 'mail');`;
    await expect(next(source)).rejects.toThrow(/\(engine 2\.0\) failed at line 3: TypeError/);
  });

  test('what a script logged before it failed is in the log', async () => {
    const log = memoryLog();
    await expect(run(`logger.error('before'); nope()`, { log })).rejects.toThrow('nope');
    expect(log.lines).toMatchObject([{ level: 'error', msg: 'before', fields: { fields: { script: 'Test script' } } }]);
  });

  test('a change that is not an output fails, and is not kept', async () => {
    const source = `sharedState.put('other', 1); outcome = 'true'`;
    await expect(run(source, { outputs: ['mine'] })).rejects.toThrow('changed the state "other"');
  });

  test('roles are not for a script to give', async () => {
    const users = { demo: { assentRoles: [] } };
    const source = `idRepository.setAttribute('demo', 'assentRoles', ['owner']); outcome = 'true'`;
    await expect(run(source, { users })).rejects.toThrow('may not change the attribute "assentRoles"');
    expect(users.demo.assentRoles).toEqual([]);
  });

  test.each(['UserToken', 'AuthFactors', 'authfactors', 'Journeys'])(
    'the property "%s" of the session belongs to the system and is refused (OIDC-12)',
    async (property) => {
      const source = `var fr = JavaImporter(org.forgerock.openam.auth.node.api);
        action = fr.Action.goTo('true').putSessionProperty('${property}', 'push@9999999999999').build();`;
      await expect(run(source)).rejects.toThrow(`Session property "${property}" belongs to the system.`);
    },
  );

  test('what a script writes into state under the names of proofs proves nothing (OIDC-12)', async () => {
    const source = `
      ['AuthFactors', 'Journeys', 'NodeType', 'factors', 'sentCodes', 'amr'].forEach(function (name) {
        sharedState.put(name, 'push@9999999999999');
        transientState.put(name, 'push@9999999999999');
      });
      outcome = 'true'`;
    const { action, journey } = await run(source, { outputs: ['*'] });
    expect(action).toMatchObject({ outcome: 'true' });
    expect(journey).toMatchObject({ proven: [], nodeTypes: [], sentCodes: [], sessionProperties: {} });
  });
});

describe('the first engine (1.0)', () => {
  test('a script that asks through an importer, and reads the answers', async () => {
    const source = `
      var fr = JavaImporter(
        org.forgerock.openam.auth.node.api.Action,
        javax.security.auth.callback.NameCallback,
        javax.security.auth.callback.ChoiceCallback,
        javax.security.auth.callback.ConfirmationCallback,
        com.sun.identity.authentication.callbacks.HiddenValueCallback,
        com.sun.identity.authentication.callbacks.ScriptTextOutputCallback);
      with (fr) {
        if (callbacks.isEmpty()) {
          action = Action.send(
            new NameCallback('Company'),
            new ChoiceCallback('Colour', ['red', 'blue'], 1, false),
            new ConfirmationCallback(ConfirmationCallback.INFORMATION, ConfirmationCallback.OK_CANCEL_OPTION, ConfirmationCallback.OK),
            new HiddenValueCallback('stage', 'COMPANY_1'),
            new ScriptTextOutputCallback('console.log(1)')).withHeader('Company').withStage('s').build();
        } else {
          sharedState.put('company', callbacks.get(0).getName());
          sharedState.put('colour', callbacks.get(1).getChoices()[callbacks.get(1).getSelectedIndexes()[0]]);
          sharedState.put('ok', callbacks.get(2).getSelectedIndex() === ConfirmationCallback.OK);
          sharedState.put('stage', callbacks.get(3).getValue());
          action = Action.goTo('true').putSessionProperty('company', callbacks.get(0).getName()).build();
        }
      }`;
    const asked = await run(source);
    expect(asked.action).toMatchObject({ presentation: { header: 'Company', stage: 's' } });
    expect(asked.callbacks.map(({ type, output, input }) => [type, output, input])).toMatchObject([
      ['NameCallback', { prompt: 'Company' }, { '': '' }],
      ['ChoiceCallback', { prompt: 'Colour', choices: ['red', 'blue'], defaultChoice: 1 }, { '': 1 }],
      ['ConfirmationCallback', { options: ['OK', 'Cancel'], optionType: -1, defaultOption: 0 }, { '': 0 }],
      ['HiddenValueCallback', { id: 'stage', value: 'COMPANY_1' }, { '': 'stage' }],
      ['TextOutputCallback', { message: 'console.log(1)', messageType: 4 }, undefined],
    ]);
    const { action, shared, journey } = await asked.again(['Acme', 0, 0, 'filled']);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'true' });
    expect(shared).toMatchObject({ company: 'Acme', colour: 'red', ok: true, stage: 'filled' });
    expect(journey.sessionProperties).toMatchObject({ company: 'Acme' });
  });

  test.each([
    [`nodeState.get('username').asString().equals('demo')`],
    [`nodeState.get('username').asString().length() == 4`],
    [`nodeState.get('username').asString() === 'demo'`],
    [`'Demo'.equalsIgnoreCase(sharedState.get('username'))`],
    [`nodeState.get('none') === null && sharedState.get('none') == null`],
    [`nodeState.get('level').asInteger() + 1 === 8`],
    [`nodeState.get('objectAttributes').get('mail').asString().contains('@')`],
    [`nodeState.get('objectAttributes').isDefined('mail') && sharedState.get('objectAttributes').containsKey('mail')`],
    [`requestHeaders.get('user-agent').get(0).startsWith('Moz') && requestHeaders.get('none') === null`],
    [`requestHeaders.get('User-Agent').size() == 1 && !requestHeaders.get('user-agent').isEmpty()`],
    [`requestParameters.get('authIndexValue').get(0).equals('Login')`],
    [`requestCookies.get('lang') === 'de'`],
    [`typeof existingSession === 'undefined' && resumedFromSuspend === false && realm === '/'`],
    [
      `(function () { var l = new java.util.ArrayList(); l.add('a'); l.add('b'); return l.size() == 2 && l.toArray()[1] == 'b' && l.contains('a') && l.iterator().next() === 'a' })()`,
    ],
    [
      `(function () { var m = new java.util.HashMap(); m.put('k', 1); return m.get('k') === 1 && m.containsKey('k') && m.keySet().size() === 1 && !m.isEmpty() && m.length === undefined })()`,
    ],
    [
      `java.lang.Integer.parseInt('12') === 12 && new java.lang.String('x').equals('x') && java.util.Arrays.asList('a').get(0) === 'a'`,
    ],
    [
      `java.util.Base64.getEncoder().encodeToString('grün'.getBytes()) === 'Z3LDvG4=' && org.forgerock.util.encode.Base64.decode('YWI=').length === 2`,
    ],
    [`Java.type('java.util.HashSet') !== undefined && new Packages.java.util.HashSet(['a', 'a']).size() === 1`],
  ])('%s', async (expression) => {
    const given: GivenToScript = {
      state: { username: 'demo', level: 7, objectAttributes: { mail: 'd@x.org' } },
      request: {
        headers: { 'user-agent': 'Mozilla' },
        parameters: { authIndexValue: ['Login'] },
        cookies: { lang: 'de' },
      },
    };
    expect((await run(`outcome = String(${expression})`, given)).action).toMatchObject({ outcome: 'true' });
  });

  test('attributes are read and written of whichever user the script names, as sets', async () => {
    const users = { demo: { mail: ['d@x.org'] }, boss: { cn: ['B'] } };
    const source = `
      var mail = idRepository.getAttribute('id=demo,ou=user,ou=services,ou=am-config', 'mail').iterator().next();
      var boss = idRepository.getAttribute('boss', 'cn').toArray()[0];
      idRepository.addAttribute('demo', 'mail', 'second@x.org');
      idRepository.setAttribute('demo', 'cn', [boss + mail]);
      outcome = String(idRepository.getAttribute('nobody', 'cn').isEmpty());`;
    expect((await run(source, { users })).action).toMatchObject({ outcome: 'true' });
    expect(users.demo).toEqual({ mail: ['d@x.org', 'second@x.org'], cn: ['Bd@x.org'] });
  });

  test('maps in state may be changed in place; transient state is kept apart', async () => {
    const source = `
      sharedState.get('objectAttributes').put('sn', 'Y');
      transientState.put('oneTimePassword', '1');
      sharedState.remove('gone');
      outcome = 'true';`;
    const { shared, transient } = await run(source, { state: { objectAttributes: { mail: 'x' }, gone: 1 } });
    expect(shared).toEqual({ objectAttributes: { mail: 'x', sn: 'Y' } });
    expect(transient).toEqual({ oneTimePassword: '1' });
  });

  test('a script sees the inputs that it has, and no more', async () => {
    const source = `outcome = String(nodeState.get('secret') === null && nodeState.get('username').asString() === 'demo')`;
    const { action } = await run(source, { inputs: ['username'], state: { username: 'demo', secret: 's' } });
    expect(action).toMatchObject({ outcome: 'true' });
  });
});

describe('the next generation (2.0)', () => {
  test('asks with the builder, reads the answers, and goes on', async () => {
    const source = `
      if (callbacks.isEmpty()) {
        callbacksBuilder.textOutputCallback(0, 'Hello');
        callbacksBuilder.nameCallback('Name', 'demo');
        callbacksBuilder.passwordCallback('Password', false);
        callbacksBuilder.hiddenValueCallback('id1', 'v');
        callbacksBuilder.confirmationCallback(0, ['Go', 'Stop'], 0);
        callbacksBuilder.pollingWaitCallback('2000', 'wait');
        callbacksBuilder.metadataCallback({ a: 1 });
        action.withStage('st');
      } else {
        nodeState.putShared('name', callbacks.getNameCallbacks().get(0));
        nodeState.putTransient('password', callbacks.getPasswordCallbacks()[0]);
        nodeState.putShared('hidden', callbacks.getHiddenValueCallbacks().get('id1'));
        nodeState.putShared('choice', callbacks.getConfirmationCallbacks()[0]);
        action.goTo('true').putSessionProperty('a', 'b');
      }`;
    const asked = await next(source);
    expect(asked.callbacks.map(({ type }) => type)).toEqual([
      'TextOutputCallback',
      'NameCallback',
      'PasswordCallback',
      'HiddenValueCallback',
      'ConfirmationCallback',
      'PollingWaitCallback',
      'MetadataCallback',
    ]);
    const answered = await asked.again([undefined, 'ann', 'pw', 'w', 1]);
    expect(answered.shared).toEqual({ name: 'ann', hidden: 'w', choice: 1 });
    expect(answered.transient).toEqual({ password: 'pw' });
    expect(answered.action).toMatchObject({ outcome: 'true' });
    expect(answered.journey.sessionProperties).toMatchObject({ a: 'b' });
  });

  test('values are plain, users are objects, and changes count when they are stored', async () => {
    const users = { demo: { mail: ['d@x.org'] } };
    const source = `
      var identity = idRepository.getIdentity(nodeState.get('username'));
      identity.setAttribute('cn', ['C']);
      if (nodeState.get('store')) identity.store();
      logger.info('mail {}', identity.getAttributeValues('mail')[0]);
      outcome = String(nodeState.get('username') === 'demo' && idRepository.getIdentity('nobody') === null);`;
    await next(source, { users, state: { username: 'demo' } });
    expect(users.demo).toEqual({ mail: ['d@x.org'] });
    const { action, log } = await next(source, { users, state: { username: 'demo', store: true } });
    expect(action).toMatchObject({ outcome: 'true' });
    expect(users.demo).toEqual({ mail: ['d@x.org'], cn: ['C'] });
    expect(log).toMatchObject([{ level: 'info', msg: 'mail d@x.org', fields: { fields: { script: 'Test script' } } }]);
  });

  test('merges containers one level deep and refuses other maps', async () => {
    const source = `
      nodeState.mergeShared({ objectAttributes: { sn: 'Y' }, plain: 1 });
      outcome = String(nodeState.getObject('objectAttributes').get('mail') === 'x');`;
    const { shared } = await next(source, { state: { objectAttributes: { mail: 'x' } } });
    expect(shared).toEqual({ objectAttributes: { mail: 'x', sn: 'Y' }, plain: 1 });
    await expect(next(`nodeState.mergeShared({ other: { a: 1 } })`)).rejects.toThrow('may hold a map');
  });

  test('library scripts are there by name, those that they need included', async () => {
    const libraries = {
      one: `var two = require('two'); exports.yes = function () { return two.value; };`,
      two: `exports.value = 'true';`,
    };
    expect((await next(`outcome = require('one').yes()`, { libraries })).action).toMatchObject({ outcome: 'true' });
    await expect(next(`require('three')`, { libraries })).rejects.toThrow('There is no library script "three"');
  });
});

test('scripts of two journeys at once do not meet', async () => {
  const source = `sharedState.put('seen', nodeState.get('username').asString()); outcome = 'true'`;
  const names = Array.from({ length: 20 }, (_, at) => `user${at}`);
  const runs = await Promise.all(names.map((username) => run(source, { state: { username } })));
  expect(runs.map(({ shared }) => shared.seen)).toEqual(names);
});
