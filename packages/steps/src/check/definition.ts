import type { JsonObject, StepMove, StepType, StepView } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import { z } from 'zod';
import { gateProgress, patienceEndsMs } from '../gate-progress.ts';
import { parseQuery } from '../sql/lint-expression.ts';
import { countOf } from '../text.ts';
import { checkConfigSchema, type CheckConfig } from './config.ts';
import { performCheck } from './perform.ts';

const answersSchema = z.object({
  answers: z.array(z.object({ title: z.string(), value: z.string().nullable(), expected: z.string() })),
});

export const checkStep: StepType<CheckConfig> = {
  type: 'check',
  about:
    'Looks whether things are as they should be: SQL questions with the answers expected, asked read-only, and gates that must ' +
    'pass on what is measured since the check began. An answer that differs, a gate that goes on failing, or one that stays undecided ' +
    'takes the run back.',
  configSchema: checkConfigSchema,
  reversibility: 'nothing-to-undo',
  describe: ({ gates, sql }) => {
    const parts = [
      sql.length > 0 ? `asks the database ${countOf(sql.length, 'question')}` : '',
      gates.length > 0 ? `waits for ${gates.join(', ')} to pass` : '',
    ].filter((part) => part !== '');
    const text = parts.join(' and ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  },
  references: ({ gates }) => ({ files: [], gates, flags: [], groups: [], parameters: [] }),
  lint: ({ sql }) =>
    sql.flatMap(({ title, query }, index) => {
      const parsed = parseQuery(query);
      return parsed.ok ? [] : [`sql[${index}].query ("${title}"): ${parsed.problem}`];
    }),
  watches: (view) => view.config.gates.map((gate) => ({ gate, sinceMs: view.startedAtMs })),
  forward(view) {
    const { config, outcome } = view;
    const asked = config.sql.length === 0 || (view.data !== null && view.data !== 'asking');
    if (asked) return judgeGates(view);
    if (!outcome) {
      const note = `asks the database ${countOf(config.sql.length, 'question')}`;
      return { move: 'effect', kind: 'query', input: null, data: 'asking', note };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    return judgeAnswers(outcome.result);
  },
  undo: () => ({ move: 'done', summary: 'nothing to take back', facts: {} }),
  perform: performCheck,
};

function judgeAnswers(result: unknown): StepMove {
  const { answers } = answersSchema.parse(result);
  const wrong = answers.filter(({ value, expected }) => value !== expected);
  if (wrong.length > 0) {
    const texts = wrong.map(
      ({ title, value, expected }) => `"${title}": got ${value ?? 'NULL'}, expected ${expected}`,
    );
    return { move: 'fail', reason: texts.join('; ') };
  }
  const note = `the database answered ${countOf(answers.length, 'question')} as expected`;
  return { move: 'progress', data: { answers }, note, changes: [] };
}

function judgeGates(view: StepView<CheckConfig>): StepMove {
  const { gates, sql, patience, breach_after } = view.config;
  const { failed, open } = gateProgress(view, gates, view.startedAtMs, breach_after);
  if (failed) return { move: 'fail', reason: `gate ${failed.gate} failed: ${failed.verdict.evidence}` };
  if (open.length === 0) return allWell(view);
  const sinceMs = view.startedAtMs;
  const endsMs = patienceEndsMs(view, { wantedMs: sinceMs, sinceMs, patienceMs: patience });
  const why = open.join('; ');
  if (view.nowMs < endsMs) return { move: 'wait', reason: why, untilMs: endsMs, untilPlanMs: null };
  const after = sql.length > 0 ? 'the database answered as expected, but ' : '';
  return { move: 'fail', reason: `${after}undecided after ${describeDurationMs(patience)}: ${why}` };
}

function allWell(view: StepView<CheckConfig>): StepMove {
  const { gates, sql } = view.config;
  const passed = gates.map((gate): JsonObject => ({ gate, evidence: view.verdict(gate)?.evidence ?? '' }));
  const parts = [
    sql.length > 0 ? `${countOf(sql.length, 'answer')} as expected` : '',
    gates.length > 0 ? `${gates.join(', ')} passed` : '',
  ].filter((part) => part !== '');
  const answers = view.data === null ? [] : answersSchema.parse(view.data).answers;
  return { move: 'done', summary: parts.join(', '), facts: { answers, gates: passed } };
}
