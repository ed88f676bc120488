import { describe, expect, it } from 'vitest';
import {
  nextStep,
  type PollEvent,
  type PollPolicy,
  type PollSituation,
} from '../../../lib/sources/poll/poll-step.js';

const USUAL: PollPolicy = { enabled: true, streamEnabled: true, onTerminalFailure: 'stop' };

const START: PollSituation = { mode: 'idle', everDelivered: false, refused: false };

/** The mode after each event, with the reason when polling starts. */
function play(events: PollEvent[], policy: Partial<PollPolicy> = {}): string[] {
  let situation = START;
  return events.map((event) => {
    const step = nextStep(situation, event, { ...USUAL, ...policy });
    situation = step.situation;
    const { pollingStart } = step;
    return pollingStart
      ? `${situation.mode}: ${pollingStart.reason}, ${pollingStart.firstPoll}`
      : situation.mode;
  });
}

describe('nextStep', () => {
  it('the poller waits at the start, then polls immediately if the stream has not connected', () => {
    expect(play(['started', 'waited'])).toEqual(['waiting', 'polling: silent, at_once']);
  });

  it('the poller stops waiting once the stream delivers', () => {
    expect(play(['started', 'stream_delivered'])).toEqual(['waiting', 'idle']);
  });

  it('the poller starts once when the stream fails before it ever connects', () => {
    expect(play(['started', 'stream_failed', 'stream_failed'])).toEqual([
      'waiting',
      'polling: never_delivered, when_stale',
      'polling',
    ]);
  });

  it('the poller waits when a connected stream is lost, however often it fails again', () => {
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

  it('the poller stops when the stream reconnects, and waits again when it is lost', () => {
    expect(play(['started', 'stream_failed', 'stream_delivered', 'stream_lost'])).toEqual([
      'waiting',
      'polling: never_delivered, when_stale',
      'idle',
      'waiting',
    ]);
  });

  it('the poller starts immediately when there is no stream', () => {
    expect(play(['started'], { streamEnabled: false })).toEqual(['polling: no_stream, when_stale']);
  });

  it.each<[string, PollEvent[]]>([
    ['before it starts', []],
    ['during a wait', ['started']],
    ['while it polls', ['started', 'stream_failed']],
    ['after a connection', ['started', 'stream_delivered', 'stream_lost']],
  ])('the poller never polls after a terminal failure: %s', (_, before) => {
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
    ['while it polls', ['started', 'stream_failed'], 'polling'],
  ])(
    'the poller polls after a terminal failure with onTerminalFailure "poll": %s',
    (_, before, expected) => {
      const events: PollEvent[] = [...before, 'stream_refused', 'stream_failed'];
      const steps = play(events, { onTerminalFailure: 'poll' });
      expect(steps.slice(before.length)).toEqual([expected, 'polling']);
    },
  );

  it('the poller restarts after a suspension with onTerminalFailure "poll"', () => {
    const refused: PollSituation = { ...START, refused: true };
    const policy: PollPolicy = { ...USUAL, onTerminalFailure: 'poll' };
    expect(nextStep(refused, 'started', policy).situation.mode).toBe('polling');
    expect(nextStep(refused, 'started', USUAL).situation.mode).toBe('idle');
  });

  it('the poller waits again when the terminal failure is cleared', () => {
    expect(play(['started', 'stream_refused', 'refusal_lifted', 'waited'])).toEqual([
      'waiting',
      'idle',
      'waiting',
      'polling: silent, at_once',
    ]);
  });

  it('after the terminal failure is cleared, the poller continues until the stream connects', () => {
    const events: PollEvent[] = ['started', 'stream_refused', 'refusal_lifted', 'stream_delivered'];
    expect(play(events, { onTerminalFailure: 'poll' })).toEqual([
      'waiting',
      'polling: refused, at_once',
      'polling',
      'idle',
    ]);
  });

  it('a disabled poller does nothing', () => {
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
