import { readFileSync } from 'node:fs';
import { traitNames, traits } from '../../connector/traits.ts';
import { consequences } from '../../probe/consequences.ts';
import { probeQuestions } from '../../probe/probe-provider.ts';
import { withTable } from './with-table.ts';

/** docs/probe.md with the tables of questions and traits between their markers. */
export function probePage(): string {
  const questions = probeQuestions.map(({ question, reference, writes }) => [
    question,
    reference,
    writes ? '`--write`' : '',
  ]);
  const rows = traitNames.map((name) => [`\`${name}\``, traits[name], consequences[name]]);
  const page = withTable(readFileSync('docs/probe.md', 'utf8'), 'questions', [
    ['question', 'standard', 'only with'],
    ...questions,
  ]);
  return withTable(page, 'traits', [['trait', 'what the provider does', 'what follows'], ...rows]);
}
