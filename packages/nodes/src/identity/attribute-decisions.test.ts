import { memoryAccounts, memoryIdentities, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { attributePresentDecision } from './attribute-present-decision.node.ts';
import { attributeValueDecision } from './attribute-value-decision.node.ts';
import { queryFilterDecision } from './query-filter-decision.node.ts';

const users = {
  demo: {
    mail: ['demo@example.org'],
    sn: ['Doe', 'Roe'],
    age: ['18'],
    'preferences/updates': ['true'],
    kbaInfo: ['{"questionId":"1","answer":"hash"}'],
  },
  gone: { inetUserStatus: ['Inactive'] },
};
const identities = memoryIdentities(users);
const accounts = memoryAccounts(users, new Map([['demo', 'secret']]));
const demo = { username: 'demo' };
const byMail = { objectAttributes: { mail: 'demo@example.org' } };

describe('Attribute Present', () => {
  const decide = (config: object, state: Record<string, unknown> = demo) =>
    runNode(attributePresentDecision, { ports: { accounts, identities }, config, state });

  test('fails where nobody is named', async () => {
    await expect(decide({}, {})).rejects.toThrow('userName not present in state');
  });

  test.each([
    ['password', demo, 'true'],
    ['userPassword', { username: 'gone' }, 'false'],
    ['password', { username: 'nobody' }, 'false'],
    ['mail', demo, 'true'],
    ['/sn', demo, 'true'],
    ['telephoneNumber', demo, 'false'],
    ['toString', demo, 'false'],
    ['kbaInfo', demo, 'true'],
    ['kbaInfo', { username: 'gone' }, 'false'],
    ['_id', demo, 'true'],
  ])('%s of %j is %s', async (presentAttribute, state, outcome) => {
    expect((await decide({ presentAttribute }, state)).action).toMatchObject({ outcome });
  });

  test('asks for a password unless set otherwise, and finds the user by another attribute', async () => {
    expect((await decide({ identityAttribute: 'mail' }, byMail)).action).toMatchObject({ outcome: 'true' });
  });
});

describe('Attribute Value', () => {
  const decide = (
    config: { comparisonAttribute: string; [name: string]: unknown },
    state: Record<string, unknown> = demo,
  ) => runNode(attributeValueDecision, { ports: { identities }, config, state });

  test('needs an attribute', async () => {
    await expect(decide({ comparisonAttribute: '' })).rejects.toThrow('comparisonAttribute');
  });

  test('fails where nobody is named', async () => {
    await expect(decide({ comparisonAttribute: 'sn' }, {})).rejects.toThrow('userName not present in state');
  });

  test('fails for a user who does not exist', async () => {
    await expect(decide({ comparisonAttribute: 'sn' }, { username: 'nobody' })).rejects.toThrow(
      'Failed to read object',
    );
  });

  test.each([
    ['sn', 'EQUALS', 'roe', 'true'],
    ['sn', 'EQUALS', 'ro', 'false'],
    ['sn', 'EQUALS', undefined, 'false'],
    ['cn', 'EQUALS', '', 'false'],
    ['/preferences/updates', 'EQUALS', 'TRUE', 'true'],
    ['accountStatus', 'EQUALS', 'active', 'true'],
    ['sn', 'PRESENT', undefined, 'true'],
    ['cn', 'PRESENT', undefined, 'false'],
    ['kbaInfo', 'PRESENT', undefined, 'false'],
  ])('%s %s %s is %s', async (comparisonAttribute, comparisonOperation, comparisonValue, outcome) => {
    const config = {
      comparisonAttribute,
      comparisonOperation,
      ...(comparisonValue !== undefined && { comparisonValue }),
    };
    expect((await decide(config)).action).toMatchObject({ outcome });
  });

  test('finds the user by another attribute', async () => {
    const config = { comparisonAttribute: 'age', comparisonValue: '18', identityAttribute: 'mail' };
    expect((await decide(config, byMail)).action).toMatchObject({ outcome: 'true' });
  });
});

describe('Query Filter', () => {
  const decide = (queryFilter: string, state: Record<string, unknown> = demo, identityAttribute = 'userName') =>
    runNode(queryFilterDecision, { ports: { identities }, config: { queryFilter, identityAttribute }, state });

  test.each(['', 'sn', 'sn is "x"', '(sn pr'])('settings refuse %j, and say why', async (filter) => {
    await expect(decide(filter)).rejects.toThrow('queryFilter');
  });

  test('fails where nobody is named', async () => {
    await expect(decide('true', {})).rejects.toThrow('userName not present in state');
  });

  test('fails for a user who does not exist', async () => {
    await expect(decide('true', { username: 'nobody' })).rejects.toThrow('Failed to retrieve existing object');
  });

  test.each([
    ['sn co "oe" and !(telephoneNumber pr)', 'true'],
    ['/preferences/updates eq true', 'true'],
    ['!(/preferences/marketing pr)', 'true'],
    ['age ge 18', 'true'],
    ['age lt 18', 'false'],
    ['userName eq "DEMO"', 'true'],
    ['accountStatus eq "inactive"', 'false'],
    ['kbaInfo pr or kbaInfo co "hash"', 'false'],
  ])('%s is %s', async (filter, outcome) => {
    expect((await decide(filter)).action).toMatchObject({ outcome });
  });

  test('finds the user by another attribute', async () => {
    expect((await decide('sn pr', byMail, 'mail')).action).toMatchObject({ outcome: 'true' });
  });

  test('fails instead of comparing too many characters, and names their number (SEC-93)', async () => {
    const large = memoryIdentities({ demo: { a: ['a'.repeat(60_000)] } });
    const comparing = (times: number) =>
      runNode(queryFilterDecision, {
        ports: { identities: large },
        config: { queryFilter: Array.from({ length: times }, (_, at) => `a co aaaa${at}`).join(' or ') },
        state: demo,
      });
    expect((await comparing(7)).action).toMatchObject({ outcome: 'false' });
    await expect(comparing(8)).rejects.toThrow('would work on 540144 characters, and may work on 524288');
  });
});
