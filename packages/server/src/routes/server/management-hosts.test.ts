import { expect, test } from 'vitest';
import { isManagementHost } from './management-hosts.ts';

const listed = ['Node1.example.com'];

test.each([
  '127.0.0.1:9464',
  '10.0.0.7:9464',
  '[::1]:9464',
  '[fd00::7]',
  'localhost:9464',
  'LOCALHOST',
  'assent-1:9464',
  'assent.prod.svc:9464',
  'assent.prod.svc.cluster.local:9464',
  'node1.example.com:9464',
])('the management port answers by the name %s', (host) => {
  expect(isManagementHost(host, listed)).toBe(true);
});

test.each([
  'evil.example:9464',
  'node1.example.com.evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example:9464',
  'evil.example:',
  'node2.example.com',
  'evil.example.',
])('and by the name %s, which somebody else may have made lead here, nothing', (host) => {
  expect(isManagementHost(host, listed)).toBe(false);
});
