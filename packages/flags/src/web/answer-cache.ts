import type { EvaluationContext } from '@openfeature/core';
import { canonicalJson } from '../canonical-json.ts';
import type { JsonValue } from '../canonical-json.ts';
import { readFlags } from './answers.ts';
import type { Answers } from './answers.ts';

/** The part of a browser's localStorage that is needed. Each call may throw: where storing is forbidden, or full. */
export interface AnswerStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** The last answers of the last few people who used this browser, for a start while the relay cannot be reached. */
export interface AnswerCache {
  /** Only for the very same context: what somebody else was answered is nobody's business. */
  find(context: EvaluationContext): Answers | undefined;
  keep(context: EvaluationContext, answers: Answers): void;
}

interface Kept {
  readonly context: string;
  readonly tag: string | null;
  readonly flags: readonly unknown[];
}

const mostKept = 5;

/** @param onProblem is told once when nothing can be kept here, or what was kept makes no sense. Nothing here throws. */
export function answerCache(
  storage: AnswerStorage | undefined,
  url: string,
  onProblem: (words: string) => void,
): AnswerCache {
  const name = `crossfade-flags ${url}`;
  let isTold = false;
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      if (!isTold) onProblem(`the flags of earlier visits are not used: ${String(error)}`);
      isTold = true;
      return otherwise;
    }
  };
  return {
    find: (context) =>
      attempt(() => {
        const kept = readKept(storage?.getItem(name) ?? null).find(
          (each) => each.context === textOf(context),
        );
        return kept && { flags: readFlags(kept.flags), tag: kept.tag };
      }, undefined),
    keep: (context, { flags, tag }) =>
      attempt(() => {
        const text = textOf(context);
        const others = attempt(() => readKept(storage?.getItem(name) ?? null), []).filter(
          (each) => each.context !== text,
        );
        const own: Kept = {
          context: text,
          tag,
          flags: [...flags].map(([key, answer]) => ({ key, ...answer })),
        };
        storage?.setItem(name, JSON.stringify([own, ...others].slice(0, mostKept)));
      }, undefined),
  };
}

function textOf(context: EvaluationContext): string {
  return canonicalJson(JSON.parse(JSON.stringify(context)) as JsonValue);
}

function readKept(text: string | null): readonly Kept[] {
  const found: unknown = text === null ? [] : JSON.parse(text);
  const isKept = (each: unknown): each is Kept => {
    if (typeof each !== 'object' || each === null) return false;
    const { context, tag, flags } = each as Record<string, unknown>;
    return typeof context === 'string' && (tag === null || typeof tag === 'string') && Array.isArray(flags);
  };
  if (Array.isArray(found) && found.every(isKept)) return found;
  throw new Error(`expected flags of earlier visits, found ${text?.slice(0, 60)}`);
}
