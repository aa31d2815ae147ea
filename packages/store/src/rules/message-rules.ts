/** Bad proofs after which a message can no longer be answered. */
export const ATTEMPTS_THAT_CLOSE = 5;
