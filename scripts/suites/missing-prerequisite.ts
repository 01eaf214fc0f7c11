/** A prerequisite of a test suite is missing and cannot be installed. The message says what to do. */
export class MissingPrerequisite extends Error {
  override readonly name = 'MissingPrerequisite';
}
