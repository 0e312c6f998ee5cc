import { createRequire } from 'node:module';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { describe, expect, test } from 'vitest';
import { openTelemetry, policy, telemetrySettings } from './telemetry.ts';

interface Telemetry {
  readonly otlpUrl?: string;
  readonly sampleRatio?: number;
}

function check(telemetry: Telemetry, env: Record<string, string>, expected: { url: string; ratio: number } | undefined): void {
  const settings = telemetrySettings({ telemetry: { headers: {}, ...telemetry } }, env);
  expect(settings && { url: settings.url, ratio: settings.ratio }).toEqual(expected);
}

describe('where traces go', () => {
  test('nowhere, unless somebody says so', () => {
    check({}, {}, undefined);
    check({ sampleRatio: 1 }, {}, undefined);
    check({ otlpUrl: 'http://a:4318' }, { OTEL_SDK_DISABLED: 'true' }, undefined);
  });
  test('to the collector of the configuration, with or without the path of traces', () => {
    check({ otlpUrl: 'http://a:4318' }, {}, { url: 'http://a:4318/v1/traces', ratio: policy.ratio });
    check({ otlpUrl: 'http://a:4318/v1/traces', sampleRatio: 1 }, {}, { url: 'http://a:4318/v1/traces', ratio: 1 });
    check({ otlpUrl: 'http://a/x/' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b' }, { url: 'http://a/x/v1/traces', ratio: 0.1 });
  });
  test("or else to that of OpenTelemetry's variables", () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318', OTEL_TRACES_SAMPLER_ARG: '0.5' };
    check({}, env, { url: 'http://b:4318/v1/traces', ratio: 0.5 });
    check({ sampleRatio: 0.25 }, env, { url: 'http://b:4318/v1/traces', ratio: 0.25 });
    check({}, { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/t' }, { url: 'http://c/t', ratio: 0.5 });
    check({}, { ...env, OTEL_TRACES_SAMPLER_ARG: 'many' }, { url: 'http://b:4318/v1/traces', ratio: policy.ratio });
  });
});

test("OpenTelemetry's packages are loaded when traces go somewhere, and not before", async () => {
  const { cache } = createRequire(import.meta.url);
  const loaded = () => Object.keys(cache).some((file) => file.includes('@opentelemetry'));
  await import('./control-plane.ts');
  expect(loaded()).toBe(false);
  const host = { clock: systemClock(), entropy: systemEntropy(), probe: memoryProbe() };
  const telemetry = await openTelemetry({ url: 'http://127.0.0.1:1/v1/traces', ratio: 1, headers: {} }, host, 'test');
  expect(loaded()).toBe(true);
  await telemetry.close();
});
