import { textOf } from './audit-line.ts';
import { ALWAYS_THERE, type AuditSink, UNOPENED, untilAborted } from './audit-sink.ts';

const written = (output: NodeJS.WritableStream, text: string): Promise<void> =>
  new Promise((done, fail) => {
    output.write(text, (error) => (error ? fail(error) : done()));
  });

/** Lines among those of the log. Nothing is written while what was written before is not read yet, so that no more than that is kept in memory. */
export const stdoutSink = (output: NodeJS.WritableStream): AuditSink => {
  // Whoever read it may be gone: the write says so, too.
  if (output.listenerCount('error') === 0) output.on('error', () => {});
  let before: Promise<void> = Promise.resolve();
  return {
    ...UNOPENED,
    ...ALWAYS_THERE,
    name: 'stdout',
    async send(batch, signal) {
      await untilAborted(before, signal);
      const writing = written(output, textOf(batch));
      before = writing.catch(() => undefined);
      await untilAborted(writing, signal);
    },
  };
};
