import * as deliveryMessages from '../../lib/delivery/delivery.messages.js';
import * as sharingMessages from '../../lib/delivery/cluster/cluster.messages.js';
import * as forkMessages from '../../lib/delivery/cluster/suspend-at-fork.messages.js';
import type { NetworkSettings } from '../../lib/delivery/network-settings.js';
import * as evaluationMessages from '../../lib/evaluation/evaluation.messages.js';
import * as loggingMessages from '../../lib/logging/logging.messages.js';
import * as optionMessages from '../../lib/options/options.messages.js';
import * as persistenceMessages from '../../lib/persistence/persistence.messages.js';
import * as hintMessages from '../../lib/sources/datadir/workspace-hints.messages.js';
import * as watcherMessages from '../../lib/sources/datadir/datadir-watcher.messages.js';
import * as clusterMessages from '../../lib/sources/cluster/cluster.messages.js';
import { ownProcess } from '../../lib/sources/cluster/peer-process.js';
import * as httpMessages from '../../lib/sources/http/config-endpoint.messages.js';
import * as failoverMessages from '../../lib/sources/http/failover-report.messages.js';
import * as pollMessages from '../../lib/sources/poll/polling-fallback.messages.js';
import * as streamMessages from '../../lib/sources/stream/sse-reconnect.messages.js';
import * as storeMessages from '../../lib/store/store.messages.js';
import * as readMessages from '../../lib/reads/reads.messages.js';
import * as telemetryMessages from '../../lib/telemetry/telemetry.messages.js';
import * as relayEvaluationMessages from '../../lib/relay/evaluations/evaluations.messages.js';
import * as relayHintMessages from '../../lib/relay/hints/hints.messages.js';
import * as relayMessages from '../../lib/relay/relay.messages.js';
import * as relayTelemetryMessages from '../../lib/relay/forwarding/telemetry.messages.js';
import * as callbackMessages from '../../lib/updates/callback.messages.js';
import * as contextMessages from '../../lib/nest/context/context.messages.js';
import * as updateMessages from '../../lib/nest/nest.messages.js';

const HOST = 'stream.primary.example.com';
const SET = { size: 12, environment: 'production' };

function settings(enableSSE: boolean, fallbackPollEnabled: boolean): NetworkSettings {
  return {
    addresses: {
      apiUrls: ['https://primary.example.com', 'https://secondary.example.com'],
      streamUrl: `https://${HOST}`,
      telemetryUrl: 'https://telemetry.example.com',
    },
    enableSSE,
    fallbackPollEnabled,
    fallbackPollIntervalMs: 60_000,
  } as unknown as NetworkSettings;
}

type Texts<Module> = { readonly [Name in keyof Module]: readonly string[] };

const { following, loaded } = deliveryMessages;
const delivery: Texts<typeof deliveryMessages> = {
  reloadFailed: [deliveryMessages.reloadFailed('Why.')],
  startedWithoutConfigs: [deliveryMessages.startedWithoutConfigs('Why.')],
  firstLoadRetrying: [
    deliveryMessages.firstLoadRetrying({
      attempts: 1,
      causes: [
        { url: 'https://primary.example.com/api/v2/configs', reason: 'status 503', remedies: [] },
        {
          url: 'https://secondary.example.com/api/v2/configs',
          reason: 'ECONNREFUSED',
          remedies: [],
        },
      ],
    }),
  ],
  noResponseYet: [deliveryMessages.noResponseYet],
  raiseInitTimeout: [deliveryMessages.raiseInitTimeout],
  checkApi: [deliveryMessages.checkApi],
  firstLoadFailed: [deliveryMessages.firstLoadFailed(new Error('Why.'))],
  savedInstalled: [deliveryMessages.savedInstalled(12, './saved', new Date())],
  savedRefused: [
    deliveryMessages.savedRefused('./saved', 'https://primary.quonfig.com/api/v2/configs'),
  ],
  configsArrived: [deliveryMessages.configsArrived(12)],
  loaded: [
    loaded(1, './workspace', 'production', true),
    loaded(12, './workspace', 'production', false),
  ],
  reloaded: [deliveryMessages.reloaded('./workspace')],
  moreFindings: [deliveryMessages.moreFindings(3)],
  checkFailed: [deliveryMessages.checkFailed('Why.')],
  following: [
    following(SET, settings(true, true)),
    following(SET, settings(true, false)),
    following(SET, settings(false, true)),
    following(SET, settings(false, false)),
    following(undefined, settings(true, true)),
  ],
};

const fork: Texts<typeof forkMessages> = {
  suspendedAtFork: [forkMessages.suspendedAtFork()],
  forkFailed: [forkMessages.forkFailed(new Error('Why.'))],
};

const sharing: Texts<typeof sharingMessages> = {
  leading: [sharingMessages.leading('/tmp/quonfig-1000/name')],
  followingLeader: [
    sharingMessages.followingLeader(ownProcess()),
    sharingMessages.followingLeader({ pid: 1, pidNamespace: 'pid:[1]', host: 'web' }),
  ],
  leaderLost: [sharingMessages.leaderLost('the leading process closed the connection')],
  leadershipEnded: [
    sharingMessages.leadershipEnded('preferred'),
    sharingMessages.leadershipEnded('replaced'),
  ],
  followsAlone: [sharingMessages.followsAlone('why')],
  leaderRefused: [sharingMessages.leaderRefused(HOST, 401)],
  noConfigsFromLeader: [
    sharingMessages.noConfigsFromLeader(undefined),
    sharingMessages.noConfigsFromLeader('Why.'),
  ],
};

/** Reasons that the messages of a cluster name. */
const cluster: Texts<typeof clusterMessages> = {
  directoryIrregular: [clusterMessages.directoryIrregular('/tmp/quonfig-1000')],
  directoryOfOtherUser: [
    clusterMessages.directoryOfOtherUser('/tmp/quonfig-1000', 1_000),
    clusterMessages.directoryOfOtherUser('/tmp/quonfig-1000', 65_534),
  ],
  directoryOpen: [clusterMessages.directoryOpen('/tmp/quonfig-1000', 0o40755)],
  directoryUnusable: [clusterMessages.directoryUnusable('/tmp/quonfig-1000', 'EROFS')],
  socketUnsafe: [clusterMessages.socketUnsafe('/tmp/quonfig-1000/name')],
  socketPathTooLong: [clusterMessages.socketPathTooLong('/tmp/quonfig-1000/name', 73)],
  leaderUnreachable: [clusterMessages.leaderUnreachable('EACCES')],
  leaderSilent: [clusterMessages.leaderSilent(90_000)],
  leaderEnded: [clusterMessages.leaderEnded],
  peerInvalid: [clusterMessages.peerInvalid],
  envelopeOverLimit: [clusterMessages.envelopeOverLimit(67_108_864)],
};

const http: Texts<typeof httpMessages> = {
  requestTimedOut: [httpMessages.requestTimedOut(6_000)],
  crossOriginRedirect: [
    httpMessages.crossOriginRedirect('https://elsewhere.example.com'),
    httpMessages.crossOriginRedirect(undefined),
  ],
  tooManyRedirects: [httpMessages.tooManyRedirects()],
  unexpectedNotModified: [httpMessages.unexpectedNotModified()],
  bodyNotJson: [httpMessages.bodyNotJson()],
};

const failover: Texts<typeof failoverMessages> = {
  secondaryTookOver: [failoverMessages.secondaryTookOver('Why.')],
  primaryRecovered: [failoverMessages.primaryRecovered],
};

const stream: Texts<typeof streamMessages> = {
  streamDelivering: [streamMessages.streamDelivering(HOST)],
  streamFailed: [
    streamMessages.streamFailed(HOST, 'the server responded with status 503', 500),
    streamMessages.streamFailed(HOST, 'The process was frozen.', 0),
  ],
  streamEnded: [streamMessages.streamEnded(HOST, 500)],
  streamRefused: [401, 403, 404].map((status) =>
    streamMessages.streamRefused(HOST, status, 'the option sdkKey'),
  ),
  eventDropped: [streamMessages.eventDropped(HOST, 'it is not JSON')],
  callbackFailed: [streamMessages.callbackFailed('onState', 'Error: why')],
  connectionSilent: [streamMessages.connectionSilent(90_000)],
  clientTimeout: [streamMessages.clientTimeout],
  processFrozen: [streamMessages.processFrozen(90_000)],
  endedWithoutConfigs: [streamMessages.endedWithoutConfigs],
  unexpectedStatus: [streamMessages.unexpectedStatus(503)],
  unexpectedContentType: [
    streamMessages.unexpectedContentType('text/html'),
    streamMessages.unexpectedContentType(null),
  ],
  eventTooLarge: [streamMessages.eventTooLarge(67_108_864)],
  notJson: [streamMessages.notJson],
  notAnEnvelope: [streamMessages.notAnEnvelope('"configs" is not a list')],
};

const poll: Texts<typeof pollMessages> = {
  pollingStarted: (['no_stream', 'never_delivered', 'silent', 'refused'] as const).map((reason) =>
    pollMessages.pollingStarted(reason, 60_000),
  ),
  pollingStopped: [pollMessages.pollingStopped(true), pollMessages.pollingStopped(false)],
  pollFailed: [pollMessages.pollFailed('why', 60_000)],
  pollRefused: [pollMessages.pollRefused(401, 60_000, 'the option sdkKey')],
  pollRecovered: [pollMessages.pollRecovered],
};

const telemetry: Texts<typeof telemetryMessages> = {
  batchRetained: [telemetryMessages.batchRetained('status 503', 1)],
  batchNotRetained: [telemetryMessages.batchNotRetained('status 503')],
  batchesDropped: [telemetryMessages.batchesDropped(3, 'status 503', 5)],
  batchDropped: [telemetryMessages.batchDropped('queue_full', 5)],
  batchRejected: [telemetryMessages.batchRejected(400, 2)],
  telemetryRefused: [401, 403, 404].map((status) =>
    telemetryMessages.telemetryRefused(status, 'the option sdkKey'),
  ),
  telemetryRecovered: [telemetryMessages.telemetryRecovered()],
  windowLost: [telemetryMessages.windowLost('TypeError')],
  cycleFailed: [telemetryMessages.cycleFailed('TypeError')],
  finalReportFailed: [telemetryMessages.finalReportFailed('ECONNREFUSED')],
  redactFailed: [telemetryMessages.redactFailed()],
};

const readFailed = (reason: string): string =>
  persistenceMessages.readFailed('./saved', new Error(reason));

const unusable = (reason: string): string =>
  persistenceMessages.savedUnusable('./saved', new Error(reason));

/** Log messages, with every reason that they can name. */
const persistence: Texts<typeof persistenceMessages> = {
  contentDamaged: [unusable(persistenceMessages.contentDamaged)],
  contentOfOtherFormat: [unusable(persistenceMessages.contentOfOtherFormat)],
  contentForeign: [unusable(persistenceMessages.contentForeign)],
  contentEncrypted: [unusable(persistenceMessages.contentEncrypted)],
  contentUnencrypted: [unusable(persistenceMessages.contentUnencrypted)],
  contentUndecryptable: [unusable(persistenceMessages.contentUndecryptable)],
  contentInvalid: [unusable(persistenceMessages.contentInvalid('"configs" is not a list'))],
  contentTooLarge: [unusable(persistenceMessages.contentTooLarge(1_000))],
  contentTooOld: [unusable(persistenceMessages.contentTooOld(new Date(0), 60_000))],
  fileIsLink: [readFailed(persistenceMessages.fileIsLink)],
  fileIsIrregular: [readFailed(persistenceMessages.fileIsIrregular)],
  fileOfOtherUser: [readFailed(persistenceMessages.fileOfOtherUser(1_000))],
  directoryOfOtherUser: [readFailed(persistenceMessages.directoryOfOtherUser(1_000))],
  fileWritableByOthers: [readFailed(persistenceMessages.fileWritableByOthers)],
  fileTooLarge: [readFailed(persistenceMessages.fileTooLarge(1_000))],
  storeTimedOut: [readFailed(persistenceMessages.storeTimedOut(2_000))],
  storeStillBusy: [readFailed(persistenceMessages.storeStillBusy)],
  storeRefused: [persistenceMessages.writeFailed('./saved', new Error('Why.'))],
  savedUnusable: [unusable(persistenceMessages.contentDamaged)],
  readFailed: [readFailed('Why.')],
  writeFailed: [persistenceMessages.writeFailed('./saved', new Error('Why.'))],
  writeRecovered: [persistenceMessages.writeRecovered('./saved')],
};

/** The messages of these files, with example values. The list of each file must be complete. */
export const complete: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'delivery/delivery.messages.ts': delivery,
  'delivery/cluster/suspend-at-fork.messages.ts': fork,
  'delivery/cluster/cluster.messages.ts': sharing,
  'sources/cluster/cluster.messages.ts': cluster,
  'sources/http/config-endpoint.messages.ts': http,
  'sources/http/failover-report.messages.ts': failover,
  'sources/stream/sse-reconnect.messages.ts': stream,
  'sources/poll/polling-fallback.messages.ts': poll,
  'persistence/persistence.messages.ts': persistence,
  'telemetry/telemetry.messages.ts': telemetry,
};

/** The messages of other files that operators see in a log. */
export const others: readonly string[] = [
  optionMessages.failoverOff(),
  optionMessages.extraApiUrls(),
  optionMessages.environmentIgnored('The option environment'),
  optionMessages.withoutEffect('dataDirAutoReload', 'an SDK key'),
  optionMessages.initTimeoutShort(5_000, 6_000),
  optionMessages.keyOfOtherKind('qf_pk_', 'the option sdkKey'),
  optionMessages.proxyUnused('HTTPS_PROXY', ['primary.quonfig.com', 'secondary.quonfig.com']),
  hintMessages.directoryMisnamed('./workspace/config', 'configs'),
  hintMessages.noConfigFiles('./workspace', ['configs', 'segments']),
  watcherMessages.watchFailed('./workspace', 'ENOSPC'),
  watcherMessages.watchFailedAgain('./workspace', 'ENOSPC', 60),
  watcherMessages.watchRestored('./workspace'),
  storeMessages.configSkipped('"key"', 'why'),
  storeMessages.duplicateConfig('key'),
  readMessages.unknownKeyRead('serach.limit', 'search.limit'),
  readMessages.unknownKeyRead('something.else', undefined),
  readMessages.furtherUnknownKeysOmitted,
  updateMessages.handlerKeyUnknown('SearchService.rebuild', 'serach.limit', 'search.limit'),
  contextMessages.contextFailed('http', new Error('why')),
  contextMessages.contextInvalid('rpc'),
  contextMessages.contextNowAsync('ws'),
  contextMessages.contextLate('rpc', 10_000),
  contextMessages.entryMissing('gateways'),
  relayMessages.serving('/relay', ['production']),
  relayMessages.notServing(),
  relayMessages.keysRefused(['Why.']),
  relayMessages.keysFailed('Error'),
  relayMessages.environmentUnavailable('staging', 'Why.'),
  relayMessages.wrongEnvironment('staging', 'production'),
  relayMessages.unknownKeys(1),
  relayMessages.unknownKeys(2),
  relayMessages.limitReached(10_000, 1),
  relayMessages.limitReached(10_000, 2),
  relayMessages.slowClients(1),
  relayMessages.slowClients(2),
  relayMessages.publishFailed('Why.'),
  relayMessages.generationStuck(2_001),
  relayEvaluationMessages.contextsFailed(1),
  relayEvaluationMessages.contextsFailed(2),
  relayTelemetryMessages.forwardFailed('why'),
  relayTelemetryMessages.forwardRefused(401),
  relayTelemetryMessages.forwardRecovered,
  relayHintMessages.hintsFailed('why'),
  relayHintMessages.hintsRecovered,
  relayHintMessages.hintedRefreshFailed('why'),
  loggingMessages.noLoggerKey(),
  loggingMessages.furtherWarningsOmitted,
  evaluationMessages.malformedDuration('key'),
  callbackMessages.callbackFailed('SearchService.rebuild', new Error('why')),
  callbackMessages.subscriberFailed('A subscriber of reads$', new Error('why')),
  updateMessages.eventFailed('quonfig.update', new Error('why')),
  updateMessages.hookFailed('follow changes', new Error('why')),
];
