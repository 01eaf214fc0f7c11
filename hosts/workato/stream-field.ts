import { lambda } from './lambdas.ts';
import { code, type RubyCode, type RubyValue, symbols } from './ruby.ts';

/**
 * The webhook URL of a connector is the same for all recipes, because only people can register it at a sender. Its query
 * selects the recipes: the source of the events, and the stream name if there are several senders.
 */
export const webhookKeys: RubyCode = lambda(
  ['params', 'headers', 'payload'],
  code("\"#{params['source']}/#{params['stream']}\"", ['params']),
);

/** The key of a recipe's webhook. @param source the source, as Ruby code in a string */
export function webhookKey(source: string): RubyCode {
  return lambda(['connection', 'input'], code(`"${source}/#{input['stream']}"`, ['input']));
}

/** The field for the stream name. */
export function streamField(hint: string): RubyValue {
  return symbols({
    name: 'stream',
    label: 'Stream name',
    optional: true,
    type: 'string',
    // It is part of the webhook's URL, so that a datapill cannot be mapped to it.
    control_type: 'plain-text',
    hint,
  });
}
