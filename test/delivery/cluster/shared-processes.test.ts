import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Child } from '../../support/child-process.js';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { optionsFor, serve, until } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const MEMBER = fileURLToPath(new URL('../support/member-process.mjs', import.meta.url));
const ROUNDS = Number(process.env['QUONFIG_TEST_KILLS'] ?? 6);
const DEADLINE_MS = 3_000;

interface Facts {
  cluster: string;
  source: string;
  state: string;
  greeting: string;
  logged: string[];
}

const generation = (number: number): ReturnType<typeof envelopeOf> =>
  envelopeOf({ generation: number, values: { greeting: `hello ${number}` } });

/** A process with a service. */
class Member {
  private constructor(readonly child: Child) {}

  static async start(server: DeliveryServer, directory: MeetingDirectory): Promise<Member> {
    const options = directory.options({ sseReadDeadlineMs: DEADLINE_MS });
    const child = Child.node([MEMBER], {
      messages: true,
      env: { QUONFIG_TEST_OPTIONS: JSON.stringify(optionsFor(server, options)) },
    });
    const member = new Member(child);
    await child.receive();
    return member;
  }

  async facts(): Promise<Facts> {
    return ((await this.child.ask({ act: 'facts' })) as { result: Facts }).result;
  }

  async end(): Promise<void> {
    await this.child.ask({ act: 'end' });
    expect(await this.child.ended).toEqual({ code: 0, signal: null });
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.ended;
  }
}

/** Waits until every process has this greeting, follows its source, and exactly one leads. Returns that one. */
function settled(members: readonly Member[], greeting: string): Promise<Member> {
  return until(async () => {
    const facts = await Promise.all(members.map((member) => member.facts()));
    for (const fact of facts) expect(fact).toMatchObject({ greeting, state: 'connected' });
    const leaders = members.filter((_, index) => facts[index]!.cluster === 'leader');
    expect(leaders).toHaveLength(1);
    const others = facts.filter(({ cluster }) => cluster === 'via leader');
    expect(others).toHaveLength(members.length - 1);
    return leaders[0]!;
  });
}

describe('independent processes that share one stream', { timeout: 60_000 }, () => {
  it('processes started together share one connection and exit on their own once closed', async () => {
    const server = await serve({ envelope: generation(1), heartbeatMs: 500 });
    const directory = new MeetingDirectory();
    const members = await Promise.all(
      Array.from({ length: 4 }, () => Member.start(server, directory)),
    );
    await settled(members, 'hello 1');
    expect(server.configs.requests).toHaveLength(1);
    expect(server.streamsOpened).toBe(1);
    server.publish(generation(2));
    await settled(members, 'hello 2');
    for (const member of members) await member.end();
    expect(directory.files).toEqual([]);
  });

  it(
    `after each of ${ROUNDS} kills of a leader or follower at a random moment, the others follow one leader`,
    { timeout: 60_000 + ROUNDS * 4_000 },
    async () => {
      const server = await serve({ envelope: generation(1), heartbeatMs: 500 });
      const directory = new MeetingDirectory();
      const start = (): Promise<Member> => Member.start(server, directory);
      let members: Member[] = await Promise.all([start(), start(), start()]);
      let leader = await settled(members, 'hello 1');
      for (let round = 0; round < ROUNDS; round++) {
        const victim = round % 2 === 0 ? leader : members.find((member) => member !== leader)!;
        const killed = setTimeout(Math.random() * 100).then(() => victim.kill());
        // A process that starts during the kill, and updates around it.
        const fresh = start();
        server.publish(generation(2 * round + 2));
        await killed;
        server.publish(generation(2 * round + 3));
        members = [...members.filter((member) => member !== victim), await fresh];
        leader = await settled(members, `hello ${2 * round + 3}`);
        await until(() => expect(server.openStreams).toBe(1));
        expect(directory.files.filter((name) => !name.includes('.'))).toHaveLength(1);
      }
    },
  );

  it('the socket of a killed process does not block startup', async () => {
    const server = await serve({ envelope: generation(1), heartbeatMs: 500 });
    const directory = new MeetingDirectory();
    const dead = await Member.start(server, directory);
    await dead.kill();
    expect(directory.files).toHaveLength(1);
    const member = await Member.start(server, directory);
    expect(await member.facts()).toMatchObject({ cluster: 'leader', greeting: 'hello 1' });
    expect(directory.files).toHaveLength(1);
    await member.end();
    expect(directory.files).toEqual([]);
  });

  it('a leader that hangs is replaced within the read deadline and becomes a follower when it resumes', async () => {
    const server = await serve({ envelope: generation(1), heartbeatMs: 500 });
    const directory = new MeetingDirectory();
    const hung = await Member.start(server, directory);
    const others = [await Member.start(server, directory), await Member.start(server, directory)];
    await settled([hung, ...others], 'hello 1');
    hung.child.kill('SIGSTOP');
    server.publish(generation(2));
    await settled(others, 'hello 2');
    hung.child.kill('SIGCONT');
    await settled([hung, ...others], 'hello 2');
    expect((await hung.facts()).cluster).toBe('via leader');
    server.publish(generation(3));
    await settled([hung, ...others], 'hello 3');
    await until(() => expect(server.openStreams).toBe(1));
  });

  it('a follower that hangs does not delay the others and receives the newest configs when it resumes', async () => {
    const server = await serve({ envelope: generation(1), heartbeatMs: 500 });
    const directory = new MeetingDirectory();
    const leader = await Member.start(server, directory);
    const hung = await Member.start(server, directory);
    const other = await Member.start(server, directory);
    hung.child.kill('SIGSTOP');
    const padding = 'x'.repeat(1_000_000);
    for (let number = 2; number < 12; number++) {
      server.publish(
        envelopeOf({ generation: number, values: { greeting: `hello ${number}`, padding } }),
      );
    }
    await settled([leader, other], 'hello 11');
    hung.child.kill('SIGCONT');
    await settled([leader, other, hung], 'hello 11');
  });
});
