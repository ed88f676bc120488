import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instruction, sample } from './production-image.js';
import {
  container,
  documentsOf,
  env,
  kustomization,
  manifestOf,
  manifests,
  mountedFiles,
  pod,
} from './production-manifests.js';

const k8s = join(sample, 'k8s');
const [generator] = kustomization.configMapGenerator;
const [volume] = pod.spec.volumes;

describe('the Kubernetes manifests of sample/08-production', () => {
  it('every file is valid YAML and part of the kustomization', () => {
    const files = readdirSync(k8s).filter((name) => name.endsWith('.yaml'));
    for (const name of files) expect(documentsOf(name)).not.toEqual([]);
    expect([...kustomization.resources, 'kustomization.yaml'].sort()).toEqual(files.sort());
    expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'apps/v1 Deployment',
      'v1 Service',
      'policy/v1 PodDisruptionBudget',
    ]);
  });

  it('the service and the disruption budget select the pods', () => {
    const { labels } = pod.metadata;
    expect(manifestOf('Deployment').spec['selector']).toEqual({ matchLabels: labels });
    expect(manifestOf('Service').spec['selector']).toEqual(labels);
    expect(manifestOf('PodDisruptionBudget').spec['selector']).toEqual({ matchLabels: labels });
  });

  it('image, variables, probes, service and annotation name one port', () => {
    const [port] = container.ports;
    const number = String(port!.containerPort);
    expect(instruction('EXPOSE')).toBe(number);
    expect(env['PORT']).toBe(number);
    expect(pod.metadata.annotations['prometheus.io/port']).toBe(number);
    const { startupProbe, readinessProbe, livenessProbe } = container;
    const probed = [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.port);
    const [served] = manifestOf('Service').spec['ports'] as { targetPort: string }[];
    expect(new Set([...probed, served!.targetPort])).toEqual(new Set([port!.name]));
  });

  it('the container runs as a user of the image, and can neither write nor gain privileges', () => {
    const { runAsUser, runAsGroup } = pod.spec.securityContext;
    expect(`${String(runAsUser)}:${String(runAsGroup)}`).toBe(instruction('USER'));
    expect(pod.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.spec.automountServiceAccountToken).toBe(false);
    expect(Object.keys(container.resources.requests)).toEqual(['cpu', 'memory']);
    expect(container.resources.limits['memory']).toMatch(/^\d+Mi$/);
  });

  it('Kubernetes waits longer than the application takes to drain', () => {
    const drain = Number(env['DRAIN_MS']) / 1000;
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    expect(drain).toBeGreaterThan(periodSeconds * failureThreshold);
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(drain + 10);
  });

  it('the mounted ConfigMap is the workspace, under one name for all of its versions', () => {
    const files = readdirSync(join(k8s, 'workspace'), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.json'));
    expect(mountedFiles()).toEqual(
      Object.fromEntries(
        files.map((name) => [name, readFileSync(join(k8s, 'workspace', name), 'utf8')]),
      ),
    );
    expect(volume!.configMap.name).toBe(generator!.name);
    expect(kustomization.generatorOptions.disableNameSuffixHash).toBe(true);
  });

  it('the mount is a whole directory, which Kubernetes keeps up to date', () => {
    expect(container.volumeMounts).toEqual([
      { name: volume!.name, mountPath: env['QUONFIG_WORKSPACE'], readOnly: true },
    ]);
  });

  it('keys of the ConfigMap have no slash', () => {
    const keys = generator!.files.map((file) => file.split('=')[0]!);
    expect(keys.filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key))).toEqual([]);
    expect(volume!.configMap.items.map(({ key }) => key).sort()).toEqual(keys.sort());
  });
});
