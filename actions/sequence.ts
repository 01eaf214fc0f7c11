import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import type { SequenceStep } from '../connector/manifest/operation.zod.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { remainingOperations } from '../scim/patch/outcome.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import { jsonPathOf, valuesAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { patchResource } from './change.ts';
import { mustRead } from './confirm-change.ts';
import { leaveGroups } from './leave-groups.ts';
import type { GroupOfUser } from './list-groups.ts';
import { findTarget, targetOf } from './look-up.ts';
import { type ActionContext, namedResource, type OperationHandler, resourceOf } from './operation.ts';
import { isStopped, partError } from './stopped-error.ts';

/** What became of one step. */
interface StepResult {
  readonly step: string;
  readonly outcome: 'done' | 'confirmed' | 'unchanged' | 'not_shown' | 'skipped' | 'failed';
  readonly groups?: readonly GroupOfUser[];
  readonly attributes?: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  readonly message?: string;
}

/**
 * Several changes of one resource, in the order of the manifest, each of which the input selects. What holds already is
 * skipped, so that the sequence can run again. A step that fails does not stop the next ones: each ends some access.
 */
export const sequence: OperationHandler<'sequence'> = {
  type: 'sequence',
  isLongRunning: true,
  async run(context, action, input) {
    const { steps } = action.operation;
    const selected = steps.filter(({ field }) => input[field] === true);
    if (selected.length === 0) {
      const fields = steps.map(({ field }) => `\`${field}\``).join(', ');
      throw invalidInput([{ path: '', message: fill(problemTexts.noStep, { fields }) }]);
    }
    const definition = resourceOf(context, action);
    const reading = context.withDeadline();
    const { id } = await findTarget(reading, definition, input);
    const resource = await mustRead(reading, definition, id);
    return new SequenceRun(context, definition, resource).run(selected);
  },
};

class SequenceRun {
  readonly #context: ActionContext;
  readonly #definition: ResourceDefinition;
  /** The resource as it was before the first step. */
  readonly #resource: Resource;
  readonly #results: StepResult[] = [];
  #wasDeleted = false;
  #failure: ConnectorError | undefined;

  constructor(context: ActionContext, definition: ResourceDefinition, resource: Resource) {
    this.#context = context;
    this.#definition = definition;
    this.#resource = resource;
  }

  async run(steps: readonly SequenceStep[]): Promise<object> {
    for (const step of steps) this.#results.push(await this.#tryStep(step));
    if (this.#failure !== undefined) throw this.#partlyDone(this.#failure);
    return { id: this.#resource.id, wasDeleted: this.#wasDeleted, steps: this.#results };
  }

  async #tryStep(step: SequenceStep): Promise<StepResult> {
    const resource = this.#definition.title.toLowerCase();
    // A rejected token fails for every step: to continue could lock the account.
    if (this.#failure?.code === 'auth') return failed(step, errorParts.stepsWithoutToken);
    if (this.#wasDeleted) return skipped(step, fill(errorParts.stepsDeleted, { resource }));
    if (isStopped(this.#context)) {
      const stopped = new ConnectorError('unavailable', errorTexts.stoppedBeforeStep);
      this.#failure ??= stopped;
      return failed(step, stopped.what);
    }
    try {
      return step.type === 'patch' ? await this.#patch(step) : await this.#leave(step);
    } catch (error) {
      return this.#fail(step, partError(this.#context, error));
    }
  }

  async #patch(step: Extract<SequenceStep, { type: 'patch' }>): Promise<StepResult> {
    const model = modelOf(this.#definition);
    const operations = step.operations as readonly PatchOperation[];
    const applicable = step.onlyShown === true ? operations.filter((one) => this.#isShown(one)) : operations;
    if (applicable.length === 0) return { step: step.field, outcome: 'not_shown' };
    const remaining = remainingOperations(applicable, model, this.#resource);
    if (remaining.length === 0) return { step: step.field, outcome: 'unchanged' };
    const { id } = this.#resource;
    // The version is that of before the first step.
    const target = this.#results.length === 0 ? targetOf(this.#resource) : { id };
    await patchResource(this.#context.withDeadline(), this.#definition, target, {
      operations: remaining,
      ...(step.onGone === 'done' && {
        onGone: () => {
          this.#wasDeleted = true;
          return { id };
        },
      }),
    });
    const attributes = remaining.map(({ path, value = null }) => {
      const before = valuesAt(this.#resource, jsonPathOf(model, path));
      return { path, from: before.length > 1 ? before : (before[0] ?? null), to: value };
    });
    return { step: step.field, outcome: 'done', attributes };
  }

  /** Whether the resource shows an attribute, or the extension that it belongs to. */
  #isShown({ path }: PatchOperation): boolean {
    const keys = jsonPathOf(modelOf(this.#definition), path);
    const [first = ''] = keys;
    const extension = this.#definition.extensions.includes(first) ? this.#resource[first] : undefined;
    if (isRecord(extension)) return Object.keys(extension).length > 0;
    return valuesAt(this.#resource, keys).length > 0;
  }

  async #leave(step: Extract<SequenceStep, { type: 'leave_groups' }>): Promise<StepResult> {
    const groups = namedResource(this.#context, step.groups);
    try {
      const { left, confirmed, error } = await leaveGroups(
        this.#context,
        this.#definition,
        this.#resource,
        groups,
      );
      if (error !== undefined) return { ...this.#fail(step, error), groups: left };
      if (confirmed === undefined)
        return { step: step.field, outcome: left.length === 0 ? 'unchanged' : 'done', groups: left };
      const resource = this.#definition.title.toLowerCase();
      const message = fill(errorParts.removalsConfirmed, { resource, ...confirmed });
      return { step: step.field, outcome: 'confirmed', groups: left, message };
    } catch (error) {
      // The user was read, so that a list that does not exist is one that the provider does not have.
      const hasNoList = error instanceof ConnectorError && (error.status === 404 || error.status === 501);
      if (!hasNoList) throw error;
      return skipped(step, errorParts.stepsWithoutGroups);
    }
  }

  #fail(step: SequenceStep, error: ConnectorError): StepResult {
    this.#failure ??= error;
    return failed(step, error.message);
  }

  #partlyDone(cause: ConnectorError): ConnectorError {
    const left = this.#results.filter(({ outcome }) => outcome === 'failed');
    return new ConnectorError(cause.code, {
      ...cause,
      ...fillError(errorTexts.sequencePartlyDone, {
        done: this.#results.length - left.length,
        total: this.#results.length,
        left: left.map(({ step, message = '' }) => `\`${step}\`: ${message.replace(/\.$/, '')}`).join('; '),
      }),
      steps: this.#results.map((result) => ({ ...result })),
      cause,
    });
  }
}

function failed({ field }: SequenceStep, message: string): StepResult {
  return { step: field, outcome: 'failed', message };
}

function skipped({ field }: SequenceStep, message: string): StepResult {
  return { step: field, outcome: 'skipped', message };
}
