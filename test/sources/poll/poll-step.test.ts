import { describe, expect, it } from 'vitest';
import {
  nextStep,
  type PollEvent,
  type PollPolicy,
  type PollSituation,
} from '../../../lib/sources/poll/poll-step.js';

const USUAL: PollPolicy = { enabled: true, streamEnabled: true, onTerminalFailure: 'stop' };

const START: PollSituation = { mode: 'idle', everDelivered: false, refused: false };

/** The mode and what engaged it, after each of the events. */
function play(events: PollEvent[], policy: Partial<PollPolicy> = {}): string[] {
  let situation = START;
  return events.map((event) => {
    const step = nextStep(situation, event, { ...USUAL, ...policy });
    situation = step.situation;
    const { engage } = step;
    return engage ? `${situation.mode}: ${engage.reason}, ${engage.firstPoll}` : situation.mode;
  });
}

describe('The poller', () => {
  it('waits from the start, and polls at once when the stream has not connected by then', () => {
    expect(play(['started', 'waited'])).toEqual(['waiting', 'polling: silent, at_once']);
  });

  it('waits no longer once the stream is connected', () => {
    expect(play(['started', 'stream_delivered'])).toEqual(['waiting', 'idle']);
  });

  it('polls when the stream fails before it ever connected, and once only', () => {
    expect(play(['started', 'stream_failed', 'stream_failed'])).toEqual([
      'waiting',
      'polling: never_delivered, when_stale',
      'polling',
    ]);
  });

  it('waits when a stream that was connected is lost, through all further failures', () => {
    const events: PollEvent[] = ['started', 'stream_delivered', 'stream_lost', 'stream_failed'];
    expect(play([...events, 'stream_failed', 'waited'])).toEqual([
      'waiting',
      'idle',
      'waiting',
      'waiting',
      'waiting',
      'polling: silent, at_once',
    ]);
  });

  it('stops when the stream is connected, and waits again when that is lost', () => {
    expect(play(['started', 'stream_failed', 'stream_delivered', 'stream_lost'])).toEqual([
      'waiting',
      'polling: never_delivered, when_stale',
      'idle',
      'waiting',
    ]);
  });

  it('polls from the start when there is no stream', () => {
    expect(play(['started'], { streamEnabled: false })).toEqual(['polling: no_stream, when_stale']);
  });

  it.each<[string, PollEvent[]]>([
    ['before it was engaged', []],
    ['during a wait', ['started']],
    ['while it polls', ['started', 'stream_failed']],
    ['after a connection', ['started', 'stream_delivered', 'stream_lost']],
  ])('never polls once the stream is refused: %s', (_, before) => {
    const after: PollEvent[] = [
      'stream_refused',
      'stream_failed',
      'stream_lost',
      'waited',
      'started',
      'stream_delivered',
      'stream_failed',
    ];
    expect(play([...before, ...after]).slice(before.length)).toEqual(after.map(() => 'idle'));
  });

  it.each<[string, PollEvent[], string]>([
    ['during a wait', ['started'], 'polling: refused, at_once'],
    ['while it polls already', ['started', 'stream_failed'], 'polling'],
  ])('polls when the stream is refused and that is asked for: %s', (_, before, expected) => {
    const events: PollEvent[] = [...before, 'stream_refused', 'stream_failed'];
    const steps = play(events, { onTerminalFailure: 'poll' });
    expect(steps.slice(before.length)).toEqual([expected, 'polling']);
  });

  it('takes up polling after a suspension when the stream is refused and that is asked for', () => {
    const refused: PollSituation = { ...START, refused: true };
    const policy: PollPolicy = { ...USUAL, onTerminalFailure: 'poll' };
    expect(nextStep(refused, 'started', policy).situation.mode).toBe('polling');
    expect(nextStep(refused, 'started', USUAL).situation.mode).toBe('idle');
  });

  it('waits again when the refusal is lifted', () => {
    expect(play(['started', 'stream_refused', 'refusal_lifted', 'waited'])).toEqual([
      'waiting',
      'idle',
      'waiting',
      'polling: silent, at_once',
    ]);
  });

  it('goes on polling when the refusal is lifted, until the stream is connected', () => {
    const events: PollEvent[] = ['started', 'stream_refused', 'refusal_lifted', 'stream_delivered'];
    expect(play(events, { onTerminalFailure: 'poll' })).toEqual([
      'waiting',
      'polling: refused, at_once',
      'polling',
      'idle',
    ]);
  });

  it('does nothing at all when it is switched off', () => {
    const events: PollEvent[] = [
      'started',
      'stream_failed',
      'stream_delivered',
      'stream_lost',
      'stream_failed',
      'waited',
      'stream_refused',
      'refusal_lifted',
    ];
    for (const streamEnabled of [true, false]) {
      for (const onTerminalFailure of ['stop', 'poll'] as const) {
        const steps = play(events, { enabled: false, streamEnabled, onTerminalFailure });
        expect(new Set(steps)).toEqual(new Set(['idle']));
      }
    }
  });
});
