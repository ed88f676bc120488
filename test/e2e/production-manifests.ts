import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { sample } from './production-image.js';

const folder = join(sample, 'k8s');

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: Record<'requests' | 'limits', Record<string, string>>;
  readonly securityContext: Record<string, unknown>;
  readonly volumeMounts: readonly Record<string, unknown>[];
}

interface PodTemplate {
  readonly metadata: Record<'labels' | 'annotations', Record<string, string>>;
  readonly spec: {
    readonly terminationGracePeriodSeconds: number;
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: Record<string, unknown>;
    readonly containers: readonly Container[];
    readonly volumes: readonly {
      readonly name: string;
      readonly configMap: {
        readonly name: string;
        readonly items: readonly { readonly key: string; readonly path: string }[];
      };
    }[];
  };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly {
    readonly name: string;
    readonly files: readonly string[];
  }[];
  readonly generatorOptions: { readonly disableNameSuffixHash: boolean };
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

/** The documents of a file, which must be valid YAML. */
export function documentsOf(name: string): unknown[] {
  return parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return document.toJS() as unknown;
  });
}

export const [kustomization] = documentsOf('kustomization.yaml') as [Kustomization];
export const manifests = kustomization.resources.flatMap(documentsOf) as Manifest[];

export function manifestOf(kind: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind);
  if (found.length !== 1) throw new Error(`There are ${found.length} manifests of kind ${kind}.`);
  return found[0]!;
}

export const pod = manifestOf('Deployment').spec['template'] as PodTemplate;
export const container = pod.spec.containers[0]!;
export const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

/** The files of the mounted ConfigMap, as kustomize generates it and as the volume places its keys. */
export function mountedFiles(): Record<string, string> {
  const [generator] = kustomization.configMapGenerator;
  const content = new Map(
    generator!.files.map((file) => {
      const [key, path] = file.split('=') as [string, string];
      return [key, readFileSync(join(folder, path), 'utf8')];
    }),
  );
  const { items } = pod.spec.volumes[0]!.configMap;
  return Object.fromEntries(
    items.map(({ key, path }) => {
      const text = content.get(key);
      if (text === undefined) throw new Error(`The ConfigMap has no key ${key}.`);
      return [path, text];
    }),
  );
}
