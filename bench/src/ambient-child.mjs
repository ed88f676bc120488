import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getQuonfigToken, QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { RULES_FLAG } from './flags.mjs';
import { nanosecondsPerCall, warmUp } from './measure.mjs';
import { envelopeOf, logger, rulesFlag } from './quonfig-configs.mjs';

/** Reads inside one request of a Nest application, whose handler measures. */

const WARM_UP_MS = 300;

const user = { key: 'u-1', email: 'anna@mail.example.net', plan: 'free', country: 'DE', age: 30 };
const given = { user };
const settings = {
  datafile: envelopeOf([rulesFlag(RULES_FLAG)]),
  enableQuonfigUserContext: false,
  logger,
};

class MeasureController {
  async measure() {
    const { ofRequests, without } = this;
    const reads = {
      'given, without the option': { service: without, contexts: given },
      'given, in a request': { service: ofRequests, contexts: given },
      'of the request': { service: ofRequests, contexts: undefined },
    };
    const runs = await Promise.all(Object.values(reads).map(looped));
    for (let pass = 0; pass < 2; pass++) for (const run of runs) await warmUp(run, WARM_UP_MS);
    const times = await nanosecondsPerCall(runs);
    return Object.fromEntries(Object.keys(reads).map((name, index) => [name, times[index]]));
  }
}
Inject(QuonfigService)(MeasureController.prototype, 'ofRequests');
Inject(getQuonfigToken('without'))(MeasureController.prototype, 'without');
const descriptor = Object.getOwnPropertyDescriptor(MeasureController.prototype, 'measure');
Get()(MeasureController.prototype, 'measure', descriptor);
Controller()(MeasureController);

/** A loop of its own for each lane, so that no call site holds the shapes of another. */
async function looped({ service, contexts }, /** @type {number} */ lane) {
  const loop = await import(`./loop.mjs?ambient-${lane}`);
  const read = (/** @type {string} */ key, /** @type {any} */ from) => service.get(key, from);
  const inputs = { keys: [RULES_FLAG], contexts: [contexts], answers: [undefined] };
  loop.call(read, inputs, 0, 1);
  if (inputs.answers[0] !== true) throw new Error(`lane ${lane} answered ${inputs.answers[0]}`);
  return (/** @type {number} */ count) => loop.call(read, inputs, 0, count);
}

function AppModule() {}
Module({
  imports: [
    QuonfigModule.forRoot({ ...settings, context: () => given }),
    QuonfigModule.forRoot({ ...settings, name: 'without' }),
  ],
  controllers: [MeasureController],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
const response = await fetch(await app.getUrl());
if (!response.ok) throw new Error(`the request failed: ${response.status}`);
const times = await response.json();
await app.close();
process.send(times, () => process.exit(0));
