import type { ConnectionInput } from './connection.ts';
import type { ConnectorDefinition } from './definition/definition.ts';

/** The input of a connection with a deadline within a limit, such as that of a host, whatever the input says. */
export function limitDeadline<Input extends Partial<ConnectionInput>>(
  { connection }: ConnectorDefinition,
  input: Input,
  maxDeadlineInMs: number,
): Input {
  const usual = connection.fields.find(({ key }) => key === 'deadlineInMs')?.default;
  const deadlineInMs = input.deadlineInMs ?? usual;
  // A deadline of another type is rejected later, with all other problems.
  return typeof deadlineInMs === 'number' && deadlineInMs > maxDeadlineInMs
    ? { ...input, deadlineInMs: maxDeadlineInMs }
    : input;
}
