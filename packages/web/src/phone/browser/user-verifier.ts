/** Checks who holds the phone: fingerprint, face or screen lock. @see ux.md §3.2 "Gate" */
export interface UserVerifier {
  isAvailable(): Promise<boolean>;
  /** Sets it up once; the id of the credential, or undefined where the person or the browser says no. */
  enrol(): Promise<string | undefined>;
  /** Whether the holder has just proved to be the one who set it up. */
  check(verifierId: string): Promise<boolean>;
}
