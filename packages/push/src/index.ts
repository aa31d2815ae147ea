export * from './devices.ts';
export * from './messages.ts';
export * from './push-messages.ts';
