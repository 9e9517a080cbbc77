import {
  planClock,
  type BoundPlan,
  type JournalEntry,
  type RunEvent,
  type RunState,
} from '@crossfade/engine';
import { describeOffset } from '@crossfade/plan';
import pc from 'picocolors';
import { audienceText } from '../audience-text.ts';

/** Clock and plan time before each line, with a blank behind. */
export const stampWidth = 28;

/** What is new in the journal as lines for people; what only the machine needs is left out. */
export function journalLines(
  entries: readonly JournalEntry[],
  run: RunState | null,
  bound: BoundPlan,
): string[] {
  const exposed = exposuresByAudience(entries);
  return entries.flatMap((entry) => {
    const { event } = entry;
    const told =
      event.type === 'exposure.changed' ? tellExposure(event, exposed) : tell(event, entry.actor, bound);
    if (!told) return [];
    const time = new Date(entry.atMs).toISOString().slice(11, 19);
    const stamp = pc.dim(`${time}  ${planTime(entry, run, bound).padEnd(17)}`);
    return told.startsWith('\n') ? ['', `${stamp} ${told.slice(1)}`] : [`${stamp} ${told}`];
  });
}

function exposuresByAudience(entries: readonly JournalEntry[]): ReadonlyMap<string, readonly string[]> {
  const flags = new Map<string, string[]>();
  for (const { event } of entries) {
    if (event.type !== 'exposure.changed') continue;
    const audience = audienceText(event.audiences);
    flags.set(audience, [...(flags.get(audience) ?? []), event.flag]);
  }
  return flags;
}

/** Flags that go to the same people together are told once, with the first of them. */
function tellExposure(
  { flag, audiences }: Extract<RunEvent, { type: 'exposure.changed' }>,
  exposed: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const audience = audienceText(audiences);
  const together = exposed.get(audience) ?? [];
  return together[0] === flag ? `${pc.cyan('●')} on for ${audience}: ${together.join(', ')}` : undefined;
}

function planTime(entry: JournalEntry, run: RunState | null, bound: BoundPlan): string {
  if (!run || run.runId !== entry.runId) return '';
  const clock = planClock(run, bound.plan.calendar.defaultMinuteOfDay);
  return describeOffset(clock.planMs(entry.atMs));
}

function tell(event: RunEvent, actor: string, bound: BoundPlan): string | undefined {
  switch (event.type) {
    case 'run.started':
      return pc.bold(`Run of ${event.plan} started, plan ${event.planDigest.slice(0, 12)}`);
    case 'controller.started':
      return event.token > 1 ? pc.dim(`a controller took the run up (leadership ${event.token})`) : undefined;
    case 'phase.started':
      return `\n${pc.bold(titleOfPhase(event.phase, bound))}`;
    case 'step.started':
      return `${pc.cyan('▸')} ${titleOfStep(event.step, bound)}`;
    case 'step.completed':
      return `${pc.green('✔')} ${event.step}: ${event.summary}`;
    case 'step.failed':
      return `${pc.red('✘')} ${event.step}: ${event.reason}`;
    case 'step.undone':
      return `${pc.yellow('↩')} ${event.step}: ${event.summary}`;
    case 'parameter.changed':
      return `${pc.cyan('●')} ${event.parameter} is ${event.value}`;
    case 'gate.judged':
      return event.verdict.status === 'fail'
        ? pc.red(`✘ gate ${event.gate} failed: ${event.verdict.evidence}`)
        : undefined;
    case 'flag.killed':
      return pc.yellow(`● ${event.flag} switched off by ${actor}: ${event.reason}`);
    case 'flag.enabled':
      return pc.yellow(`● ${event.flag} released by ${actor}: ${event.reason}`);
    case 'override.set':
      return pc.yellow(
        `● ${event.flag} ${event.value} for ${event.targetingKey} by ${actor}: ${event.reason}`,
      );
    case 'override.cleared':
      return pc.yellow(
        `● ${event.flag} as the plan says for ${event.targetingKey}, by ${actor}: ${event.reason}`,
      );
    case 'segment.trouble':
      return event.problem === null
        ? pc.dim(`segment ${event.segment} can be looked at again`)
        : pc.yellow(`! who has joined is not known, who is in stays in: ${event.problem}`);
    case 'run.paused':
      return pc.yellow(`‖ paused by ${actor}: ${event.reason}. Go on: crossfade resume`);
    case 'run.resumed':
      return pc.yellow(`▸ resumed by ${actor}: ${event.reason}`);
    case 'wait.waived':
      return pc.yellow(`» ${event.step}: ${actor} waived a wait (${event.wait}): ${event.reason}`);
    case 'rollback.requested':
      return pc.yellow(`↩ ${actor} asked to take the run back: ${event.reason}`);
    case 'rollback.started':
      return pc.yellow(`↩ Taking the run back: ${event.reason}. Its flags are off.`);
    case 'rollback.completed':
      return pc.yellow('↩ Everything is as it was before the run.');
    case 'rollback.failed':
      return pc.red(
        `✘ Taking back stopped at ${event.step}: ${event.reason}. Mend it, then ask again: crossfade rollback`,
      );
    case 'run.completed':
      return `\n${pc.green(pc.bold('✔ The plan is completed.'))}`;
    default:
      return undefined;
  }
}

function titleOfPhase(id: string, bound: BoundPlan): string {
  const index = bound.plan.phases.findIndex((phase) => phase.id === id);
  return `Phase ${index + 1} of ${bound.plan.phases.length}: ${bound.plan.phases[index]?.title ?? id}`;
}

function titleOfStep(id: string, bound: BoundPlan): string {
  const title = bound.steps.get(id)?.step.title;
  return title ? `${id}: ${title}` : id;
}
