import type { Clock } from '@assent/engine';
import type { PushResends } from '@assent/push';
import { ok, type Routes, refuse } from '../../http/call.ts';
import { type AwaitedStepOptions, awaitedStep } from './awaited-step.ts';

export interface ResendRoutesOptions extends AwaitedStepOptions {
  readonly resends: Pick<PushResends, 'resend'>;
  readonly clock: Clock;
}

/**
 * Where our login page asks for the same request once more (ux.md §2.1 [P], docs/adr/0015). Nothing of the step changes, so its
 * authId stays good.
 */
export const resendRoutes = ({ resends, clock, ...options }: ResendRoutesOptions): Routes => ({
  'POST authenticate/renotify': async (call) => {
    const { realmPath: realm, transactionId } = call;
    const authId = (call.body as { readonly authId?: unknown } | null | undefined)?.authId;
    const step = await awaitedStep(call, { authId, from: 'member authId' }, options);
    if ('refusal' in step) return step.refusal;
    const result = await resends.resend({ ...step, realm, transactionId });
    const now = clock.now();
    switch (result.status) {
      case 'sent':
        return ok({ now, ...(result.resends && { resend: result.resends }) });
      case 'too-soon': {
        const seconds = Math.max(1, Math.ceil((result.at - now) / 1_000));
        return { ...refuse(429, 'It was sent a moment ago.'), headers: { 'retry-after': String(seconds) } };
      }
      case 'over':
        return refuse(409, 'This request is not sent again.');
    }
  },
});
