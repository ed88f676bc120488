import type {
  CallbackRunner,
  QuonfigCallback,
  QuonfigHealth,
  QuonfigMetrics,
  QuonfigService,
  UnknownKey,
} from '../index.js';
import { problems } from './inspector.messages.js';
import type { KeyIndex } from './key-index.js';

/** A state that needs attention, and what to do about it. */
export interface Problem {
  /** In a few words. */
  readonly summary: string;
  readonly text: string;
  readonly remedy: string;
}

/** What the page shows of a service. */
export interface HealthView extends Pick<KeyIndex, 'patterns' | 'patternCount'> {
  readonly health: QuonfigHealth;
  readonly metrics: QuonfigMetrics;
  readonly problems: readonly Problem[];
  readonly keyCount: number;
  readonly unknownKeys: readonly UnknownKey[];
  readonly callbacks: readonly QuonfigCallback[];
}

export function viewHealth(
  quonfig: QuonfigService,
  callbacks: CallbackRunner | undefined,
  { keys, patterns, patternCount }: KeyIndex,
): HealthView {
  const health = quonfig.health();
  return {
    health,
    metrics: quonfig.metrics(),
    problems: problemsOf(health),
    keyCount: keys.length,
    unknownKeys: quonfig.unknownKeys(),
    patterns,
    patternCount,
    callbacks: callbacks?.callbacks ?? [],
  };
}

function problemsOf(health: QuonfigHealth): Problem[] {
  const found: Problem[] = [];
  const { mode, connectionState, terminalFailure, fallbackPollerActive } = health;
  if (!health.ready) found.push(problems.notReady);
  if (terminalFailure) {
    found.push(fallbackPollerActive ? problems.refusedAndPolling : problems.refused);
  } else if (connectionState === 'disconnected') {
    found.push(problems.disconnected);
  } else if (connectionState === 'falling_back' && mode !== 'poll') {
    found.push(problems.fallingBack);
  }
  if (health.olderThanFiles) {
    const { remedy } = problems.olderThanFiles;
    // The error names the file, and what to correct in it.
    found.push({ ...problems.olderThanFiles, remedy: health.lastError ?? remedy });
  }
  if (health.source === 'persistence') found.push(problems.persisted);
  return found;
}
