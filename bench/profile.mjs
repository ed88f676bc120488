import { open } from './src/contender.mjs';
import { WORKLOADS } from './src/workloads.mjs';

/** Some seconds of one workload and nothing else, to be run under `node --cpu-prof`: `profile.mjs W2 [contender]`. */

const SECONDS = 4;

const [name = 'W2', contender = 'quonfig'] = process.argv.slice(2);
const workload = WORKLOADS.find((each) => each.name === name);
if (!workload) throw new Error(`There is no workload ${name}.`);

const client = await open(contender);
const read = client[workload.kind];
const contexts = workload.users.map((user) => client.context(user));
const end = performance.now() + SECONDS * 1_000;
let calls = 0;
while (performance.now() < end) {
  for (let at = 0; at < contexts.length; at++) {
    const answer = read(workload.keys[at], contexts[at]);
    if (client.awaits) await answer;
  }
  calls += contexts.length;
}
console.log(`${calls} calls of ${contender} ${name} in ${SECONDS} s`);
await client.close();
