/** Encrypts what a state says about users. */
export interface StateCipher {
  /** @param place - what is encrypted, such as `page/poll/User/0`: it can be opened only as that. */
  seal(plain: Uint8Array, place: string): Uint8Array;
  /** @throws if it was changed, or sealed as something else. */
  open(sealed: Uint8Array, place: string): Uint8Array;
  /** Replaces a hash by one that nobody can compare with names without the key. */
  digest(hash: Uint8Array): Uint8Array;
}
