import { afterEach, describe, expect, test, vi } from 'vitest';

describe('a server that is not installed', () => {
  afterEach(() => {
    vi.doUnmock('./programs.ts');
    vi.resetModules();
  });

  test('is told with the package that brings it', async () => {
    vi.resetModules();
    vi.doMock('./programs.ts', () => ({ postgresVersions: () => [], findProgram: () => undefined }));
    const { missingServers } = await import('./requirements.ts');
    expect(missingServers(['postgres'])).toBe('postgres is not installed (Debian: postgresql-15 or later)');
  });
});
