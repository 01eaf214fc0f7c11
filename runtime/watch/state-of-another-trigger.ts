import { ConnectorError } from '../../connector/errors.ts';

/** Why a state cannot be taken over: its events are those of another trigger. */
export function stateOfAnotherTrigger(owner: string, trigger: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state is that of the trigger "${owner}", not of "${trigger}".`,
    nextStep: 'Keep one state for each trigger: name another file.',
  });
}
