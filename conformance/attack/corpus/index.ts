import type { AttackGroup } from '../attack-case.ts';
import { administration } from './administration.ts';
import { deviceManagement } from './devices.ts';
import { connections, http } from './http.ts';
import { journeys } from './journeys.ts';
import { messageAuthenticate } from './message-authenticate.ts';
import { messageRefresh } from './message-refresh.ts';
import { messageRegister } from './message-register.ts';
import { passwords } from './passwords.ts';
import { races } from './races.ts';
import { recovery } from './recovery.ts';
import { sessionsAndOrigins } from './sessions.ts';

/** The corpus of spec/security-reliability §3, in its order. */
export const CORPUS: readonly AttackGroup[] = [
  messageAuthenticate,
  messageRegister,
  messageRefresh,
  journeys,
  races,
  recovery,
  deviceManagement,
  passwords,
  sessionsAndOrigins,
  http,
  connections,
  administration,
];
