/** Something that a test suite needs is not on this machine and cannot be installed; the message says what to do. */
export class MissingPrerequisite extends Error {
  override readonly name = 'MissingPrerequisite';
}
