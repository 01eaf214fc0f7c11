import { code, printText, type RubyCode } from './ruby.ts';

/** An object definition by its name, with calls on it: `object_definitions['user'].only('id')`. */
export function definitionNamed(name: string, calls = ''): RubyCode {
  return code(`object_definitions[${printText(name)}]${calls}`, ['object_definitions']);
}
