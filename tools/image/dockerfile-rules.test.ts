import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { dockerfileProblems, instructionsOf } from './dockerfile-rules.mjs';

const ours = readFileSync(join(ROOT, 'deploy/image/Dockerfile'), 'utf8');
const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('the Dockerfile (OPS-69)', () => {
  test('is in order', () => {
    expect(dockerfileProblems(ours)).toEqual([]);
  });

  test('copies the package and runs as nobody, for which it needs no more than a dozen instructions', () => {
    const names = instructionsOf(ours).map(({ name }: { name: string }) => name);
    expect(names.slice(0, 4)).toEqual(['ARG', 'FROM', 'COPY', 'COPY']);
    expect(names.length).toBeLessThanOrEqual(12);
    expect(ours).toContain('USER 65532:65532\n');
  });

  test.each([
    ['ARG BASE', 'ARG BASE=node:24', 'the usual base is not named by its digest'],
    ['FROM $BASE', 'FROM node:24-slim', 'node:24-slim is not named by its digest'],
    ['WORKDIR /data', 'RUN apt-get update', 'nothing is run'],
    ['COPY node_modules/', 'ADD node_modules/', 'COPY does neither'],
    ['USER 65532:65532', 'USER 0', 'not root'],
    ['USER 65532:65532', 'USER 65532:0', 'not root'],
    ['USER 65532:65532', 'USER node', 'Kubernetes cannot tell'],
    ['USER 65532:65532\n', '', 'there is no USER'],
    ['ENTRYPOINT ["assent"]', 'ENTRYPOINT assent', 'a shell would keep signals'],
    ['CMD ["serve"]', 'CMD assent serve', 'a shell would keep signals'],
    ['CMD ["assent", "health"]', 'CMD curl localhost', 'the health check is'],
    ['--timeout=3s ', '', 'without --timeout'],
    ['ENV NODE_ENV=production', 'ENV ASSENT_ADMIN_PASSWORD=x NODE_ENV=production', 'a secret would be in every image'],
    ['ARG BASE', 'ARG BASE\nARG NPM_TOKEN=', 'a secret would be in every image'],
    ['EXPOSE 8080', 'EXPOSES 8080', 'there is no instruction EXPOSES'],
    ['CMD ["serve"]', 'CMD ["serve"] \\', 'there is no instruction'],
  ])('with %j as %j is refused', (right, wrong, problem) => {
    expect(ours).toContain(right);
    expect(dockerfileProblems(ours.replace(right, wrong)).join('\n')).toContain(problem);
  });

  test('may have a usual base, if that is named by its digest', () => {
    expect(dockerfileProblems(ours.replace('ARG BASE', `ARG BASE=node:24-slim@${DIGEST}`))).toEqual([]);
    expect(dockerfileProblems(ours.replace('FROM $BASE', `FROM node:24-slim@${DIGEST}`))).toEqual([]);
  });
});
